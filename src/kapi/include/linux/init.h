/*
 * init.h - marks of code that runs once. Nothing is thrown away after it here.
 */
#ifndef LINUX_INIT_H
#define LINUX_INIT_H

#define __init
#define __exit
#define __initdata

#endif

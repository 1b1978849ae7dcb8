/*
 * wait_bit.h - wait until a bit of a word is clear, or a condition about a variable is true, without a
 * queue of the caller's.
 *
 * Nobody touches the word behind its last look at it, so who waits for it may free it. A wake-up looks
 * first whether somebody waits, without a lock: without a full barrier behind the change of the word it
 * can come too early. clear_and_wake_up_bit() has that barrier.
 */
#ifndef LINUX_WAIT_BIT_H
#define LINUX_WAIT_BIT_H

#include <linux/bitops.h>
#include <linux/wait.h>

#define kapi_wait_word(at, condition, how, name, text)                                             \
	kapi_wait_in(kapi_word_queue(at), KAPI_INLINE_INIT, "word", condition, how, name, text)
#define kapi_wake_word(at, name, text)                                                             \
	do {                                                                                       \
		void *wakes_ = kapi_word_queue(at);                                                \
		if (kapi_queue_is_used(wakes_, KAPI_INLINE_INIT, "word", KAPI_SITE(name, text)))   \
			kapi_queue_wake(wakes_, KAPI_INLINE_INIT, "word", KAPI_SITE(name, text));  \
	} while (0)

/* Returns: 0, or -EINTR: a signal came first. */
#define wait_on_bit(word, bit, mode)                                                               \
	(kapi_wait_word(word, !test_bit_acquire(bit, (unsigned long *)(word)),                     \
			kapi_state_how(mode), "wait_on_bit",                                       \
			"wait_on_bit(" #word ", " #bit ", " #mode ")")                             \
		 ? -EINTR                                                                          \
		 : 0)
/* The same, and the bit is the caller's then. */
#define wait_on_bit_lock(word, bit, mode)                                                          \
	(kapi_wait_word(word, !test_and_set_bit_lock(bit, (unsigned long *)(word)),                \
			kapi_state_how(mode), "wait_on_bit_lock",                                  \
			"wait_on_bit_lock(" #word ", " #bit ", " #mode ")")                        \
		 ? -EINTR                                                                          \
		 : 0)
#define wake_up_bit(word, bit)                                                                     \
	kapi_wake_word(word, "wake_up_bit", "wake_up_bit(" #word ", " #bit ")")
#define clear_and_wake_up_bit(bit, word)                                                           \
	do {                                                                                       \
		unsigned long *wakes_at_ = (word);                                                 \
		clear_bit_unlock(bit, wakes_at_);                                                  \
		smp_mb();                                                                          \
		kapi_wake_word(wakes_at_, "clear_and_wake_up_bit",                                 \
			       "clear_and_wake_up_bit(" #bit ", " #word ")");                      \
	} while (0)

#define wait_var_event(variable, condition)                                                        \
	((void)kapi_wait_word(variable, condition, KAPI_WAIT, "wait_var_event",                    \
			      "wait_var_event(" #variable ", " #condition ")"))
/* Returns: 0, or -ERESTARTSYS. */
#define wait_var_event_killable(variable, condition)                                               \
	(kapi_wait_word(variable, condition, KAPI_WAIT_SIGNAL, "wait_var_event_killable",          \
			"wait_var_event_killable(" #variable ", " #condition ")")                  \
		 ? -ERESTARTSYS                                                                    \
		 : 0)
#define wake_up_var(variable) kapi_wake_word(variable, "wake_up_var", "wake_up_var(" #variable ")")

#endif

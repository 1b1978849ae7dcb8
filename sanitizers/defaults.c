/* defaults.c - placeholder until written */

/*
 * The device race of 2015 for SPIN: the same steps as race.c, a process for each thread.
 * With -DREPAIRED each mirror counts as a user of its device.
 */
bool rwsem, mutex;                    /* held */
bool listed = true, on_device = true; /* the mirror's two lists */
byte refs = 2;                        /* of the mirror */
byte device_refs = 2;
bool freed;

inline down_write() { atomic { !rwsem -> rwsem = true } }
inline up_write() { rwsem = false }

/* An unlock looks at the mutex once more after it is free: kernel's contract. */
inline mutex_lock() { atomic { !mutex -> assert(!freed); mutex = true } }
inline mutex_unlock() { atomic { assert(!freed); mutex = false }; assert(!freed) }

inline mirror_put(last)
{
	atomic { refs--; last = (refs == 0) };
	if
	:: last ->
		mutex_lock();
		on_device = false;
		mutex_unlock();
#ifdef REPAIRED
		atomic { assert(!freed); device_refs-- }
#endif
	:: else
	fi
}

inline mirror_unlist(mine, last)
{
	down_write();
	atomic { mine = listed; listed = false };
	up_write();
	if
	:: mine -> mirror_put(last)
	:: else
	fi
}

active proctype driver()
{
	bool mine, last, busy;

	mirror_unlist(mine, last);
	mirror_put(last);
	mutex_lock();
	busy = on_device;
	mutex_unlock();
	if
	:: !busy ->
#ifdef REPAIRED
		device_refs--;
		device_refs == 0;
#endif
		freed = true
	:: else
	fi
}

active proctype mm_exit()
{
	bool mine, last;

	mirror_unlist(mine, last)
}

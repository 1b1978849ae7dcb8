/*
 * wait.h - wait until a condition is true.
 *
 * The condition is looked at again after each wake-up, and between standing in the queue and
 * sleeping, so a wake-up that follows a change is not lost. A wait may be woken for nothing. Its
 * last step touches the queue, after the condition was found true ("wait_event:tail").
 */
#ifndef LINUX_WAIT_H
#define LINUX_WAIT_H

#include <linux/jiffies.h>

struct wait_queue_head {
	struct kapi_queue queue;
};
typedef struct wait_queue_head wait_queue_head_t;

#define init_waitqueue_head(head) kapi_queue_init(&(head)->queue, KAPI_CLASS(#head))
#define DECLARE_WAIT_QUEUE_HEAD(name_)                                                             \
	KAPI_DEFINE(struct wait_queue_head, name_, {.queue = {.magic = KAPI_QUEUE_MAGIC}})

#define kapi_wait_event(head, condition, how, name, text)                                          \
	kapi_wait_in(&(head).queue, 0, #head, condition, how, name, text)
/* Returns: 0, the condition is true; or how it ended. After a signal nobody touches the queue any more. */
#define kapi_wait_in(in, first, label, condition, how, name, text)                                 \
	({                                                                                         \
		void *queue_ = (in);                                                               \
		int end_ = 0;                                                                      \
		bool true_;                                                                        \
		kapi_might_sleep(KAPI_SITE(name, text));                                           \
		true_ = !!(condition);                                                             \
		if (!true_) {                                                                      \
			kapi_queue_begin(queue_, first, label, KAPI_SITE(name ":begin", text));    \
			while (!(true_ = !!(condition)) && !end_)                                  \
				end_ = kapi_queue_sleep(queue_, (how) | (first), label,            \
							KAPI_SITE(name, text));                    \
			if (end_ == KAPI_WAIT_SIGNAL)                                              \
				kapi_queue_leave(true_, KAPI_SITE(name, text));                    \
			else                                                                       \
				kapi_queue_end(queue_, label,                                      \
					       KAPI_SITE(name ":tail", text " still inside"));     \
		}                                                                                  \
		true_ ? 0 : end_;                                                                  \
	})

#define wait_event(head, condition)                                                                \
	((void)kapi_wait_event(head, condition, KAPI_WAIT, "wait_event",                           \
			       "wait_event(" #head ", " #condition ")"))
/* Returns: 0, or -ERESTARTSYS. */
#define wait_event_interruptible(head, condition)                                                  \
	(kapi_wait_event(head, condition, KAPI_WAIT_SIGNAL, "wait_event_interruptible",            \
			 "wait_event_interruptible(" #head ", " #condition ")")                    \
		 ? -ERESTARTSYS                                                                    \
		 : 0)
#define wait_event_killable(head, condition)                                                       \
	(kapi_wait_event(head, condition, KAPI_WAIT_SIGNAL, "wait_event_killable",                 \
			 "wait_event_killable(" #head ", " #condition ")")                         \
		 ? -ERESTARTSYS                                                                    \
		 : 0)
/* What a timed wait returns: 0 when the time is over, else what is left. */
#define kapi_time_left(end, timeout) ((end) ? 0l : max((long)(timeout), 1l))
#define wait_event_timeout(head, condition, timeout)                                               \
	kapi_time_left(kapi_wait_event(head, condition, KAPI_WAIT_TIMEOUT, "wait_event_timeout",   \
				       "wait_event_timeout(" #head ", " #condition ", " #timeout   \
				       ")"),                                                       \
		       timeout)
/* Returns: the same, or -ERESTARTSYS. */
#define wait_event_interruptible_timeout(head, condition, timeout)                                 \
	({                                                                                         \
		int end_by_ =                                                                      \
			kapi_wait_event(head, condition, KAPI_WAIT_SIGNAL | KAPI_WAIT_TIMEOUT,     \
					"wait_event_interruptible_timeout",                        \
					"wait_event_interruptible_timeout(" #head ", " #condition  \
					", " #timeout ")");                                        \
		end_by_ == KAPI_WAIT_SIGNAL ? -ERESTARTSYS : kapi_time_left(end_by_, timeout);     \
	})

#define wake_up(head)                                                                              \
	kapi_queue_wake(&(head)->queue, 0, #head, KAPI_SITE("wake_up", "wake_up(" #head ")"))
#define wake_up_all(head)                                                                          \
                                                                                                   \
	kapi_queue_wake(&(head)->queue, 0, #head,                                                  \
			KAPI_SITE("wake_up_all", "wake_up_all(" #head ")"))
#define wake_up_interruptible(head)                                                                \
	kapi_queue_wake(&(head)->queue, 0, #head,                                                  \
			KAPI_SITE("wake_up_interruptible", "wake_up_interruptible(" #head ")"))
#define wake_up_interruptible_all(head)                                                            \
                                                                                                   \
	kapi_queue_wake(                                                                           \
		&(head)->queue, 0, #head,                                                          \
		KAPI_SITE("wake_up_interruptible_all", "wake_up_interruptible_all(" #head ")"))
#define waitqueue_active(head)                                                                     \
	kapi_queue_is_used(&(head)->queue, 0, #head,                                               \
			   KAPI_SITE("waitqueue_active", "waitqueue_active(" #head ")"))

/*
 * By hand: prepare_to_wait(), look at the condition, schedule(), and again; finish_wait() at the end. What
 * schedule() does is told by the thread's state, which prepare_to_wait() sets.
 */
#define TASK_RUNNING 0u
#define TASK_INTERRUPTIBLE 1u
#define TASK_UNINTERRUPTIBLE 2u
#define TASK_KILLABLE 0x102u

/* Would a signal end the sleep of a task in this state? */
#define kapi_state_how(state) ((state)&0x101u ? KAPI_WAIT_SIGNAL : KAPI_WAIT)

#define DEFINE_WAIT(name) int name __attribute__((unused)) = 0
#define prepare_to_wait(head, wait, how)                                                           \
	do {                                                                                       \
		struct task_struct *task_ = kapi_current();                                        \
		void *queue_ = &(head)->queue;                                                     \
		(void)(wait);                                                                      \
		if (task_->queue != queue_)                                                        \
			kapi_queue_begin(                                                          \
				queue_, 0, #head,                                                  \
				KAPI_SITE("prepare_to_wait", "prepare_to_wait(" #head ")"));       \
		task_->queue = queue_;                                                             \
		task_->state = (how);                                                              \
	} while (0)
/*
 * What the task's state says: nothing, or sleep, in the queue that prepare_to_wait() named, else in one of
 * its own. Returns: how it ended.
 */
#define kapi_schedule(timed, name, text)                                                           \
	({                                                                                         \
		struct task_struct *task_ = kapi_current();                                        \
		void *own_ = task_->queue ? NULL : kapi_word_queue(task_);                         \
		int end_ = 0, how_ = kapi_state_how(task_->state) |                                \
				     ((timed) ? KAPI_WAIT_TIMEOUT : KAPI_WAIT) |                   \
				     (own_ ? KAPI_INLINE_INIT : 0);                                \
		if (task_->state != TASK_RUNNING) {                                                \
			if (own_)                                                                  \
				kapi_queue_begin(own_, KAPI_INLINE_INIT, "word",                   \
						 KAPI_SITE(name ":begin", text));                  \
			if (!own_ || task_->state != TASK_RUNNING)                                 \
				end_ = kapi_queue_sleep(own_ ? own_ : task_->queue, how_,          \
							own_ ? "word" : "wait",                    \
							KAPI_SITE(name, text));                    \
			if (own_)                                                                  \
				kapi_queue_end(own_, "word", KAPI_SITE(name ":tail", text));       \
			task_->state = TASK_RUNNING;                                               \
		}                                                                                  \
		end_;                                                                              \
	})
#define schedule() ((void)kapi_schedule(false, "schedule", "schedule()"))
#define schedule_timeout(timeout)                                                                  \
	(kapi_schedule((timeout) != MAX_SCHEDULE_TIMEOUT, "schedule_timeout",                      \
		       "schedule_timeout(" #timeout ")") == KAPI_WAIT_TIMEOUT                      \
		 ? 0l                                                                              \
		 : max((long)(timeout)-1, 1l))
#define finish_wait(head, wait)                                                                    \
	do {                                                                                       \
		struct task_struct *task_ = kapi_current();                                        \
		(void)(wait);                                                                      \
		if (task_->queue)                                                                  \
			kapi_queue_end(task_->queue, #head,                                        \
				       KAPI_SITE("finish_wait", "finish_wait(" #head ")"));        \
		task_->queue = NULL;                                                               \
		task_->state = TASK_RUNNING;                                                       \
	} while (0)

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/*
 * C library: lists and queues, with the names of queue(3) of BSD. In
 * each of them a prev field holds the address of the pointer to the element.
 */
#ifndef SYS_QUEUE_H
#define SYS_QUEUE_H

#include <stddef.h>

/* SLIST: one way, one pointer in the head */

#define SLIST_HEAD(name, type) \
	struct name { \
		struct type *slh_first; \
	}
#define SLIST_ENTRY(type) \
	struct { \
		struct type *sle_next; \
	}
#define SLIST_HEAD_INITIALIZER(head)	{ NULL }

#define SLIST_INIT(head)		((void)((head)->slh_first = NULL))
#define SLIST_EMPTY(head)		((head)->slh_first == NULL)
#define SLIST_FIRST(head)		((head)->slh_first)
#define SLIST_NEXT(elm, field)		((elm)->field.sle_next)

#define SLIST_FOREACH(var, head, field) \
	for ((var) = SLIST_FIRST(head); (var); (var) = SLIST_NEXT(var, field))
#define SLIST_FOREACH_SAFE(var, head, field, next) \
	for ((var) = SLIST_FIRST(head); \
	     (var) && ((next) = SLIST_NEXT(var, field), 1); (var) = (next))

#define SLIST_INSERT_HEAD(head, elm, field) \
	do { \
		SLIST_NEXT(elm, field) = SLIST_FIRST(head); \
		SLIST_FIRST(head) = (elm); \
	} while (0)
#define SLIST_INSERT_AFTER(prev, elm, field) \
	do { \
		SLIST_NEXT(elm, field) = SLIST_NEXT(prev, field); \
		SLIST_NEXT(prev, field) = (elm); \
	} while (0)
#define SLIST_REMOVE_HEAD(head, field) \
	((void)(SLIST_FIRST(head) = SLIST_NEXT(SLIST_FIRST(head), field)))
#define SLIST_REMOVE_AFTER(prev, field) \
	((void)(SLIST_NEXT(prev, field) = \
		SLIST_NEXT(SLIST_NEXT(prev, field), field)))
#define SLIST_REMOVE(head, elm, type, field) \
	do { \
		struct type **__at = &SLIST_FIRST(head); \
		while (*__at != (elm)) \
			__at = &SLIST_NEXT(*__at, field); \
		*__at = SLIST_NEXT(*__at, field); \
	} while (0)

/* LIST: both ways, one pointer in the head */

#define LIST_HEAD(name, type) \
	struct name { \
		struct type *lh_first; \
	}
#define LIST_ENTRY(type) \
	struct { \
		struct type *le_next; \
		struct type **le_prev; \
	}
#define LIST_HEAD_INITIALIZER(head)	{ NULL }

#define LIST_INIT(head)			((void)((head)->lh_first = NULL))
#define LIST_EMPTY(head)		((head)->lh_first == NULL)
#define LIST_FIRST(head)		((head)->lh_first)
#define LIST_NEXT(elm, field)		((elm)->field.le_next)

#define LIST_FOREACH(var, head, field) \
	for ((var) = LIST_FIRST(head); (var); (var) = LIST_NEXT(var, field))
#define LIST_FOREACH_SAFE(var, head, field, next) \
	for ((var) = LIST_FIRST(head); \
	     (var) && ((next) = LIST_NEXT(var, field), 1); (var) = (next))

/* at is the address of a pointer in the list, and is evaluated often */
#define __LIST_INSERT(at, elm, field) \
	do { \
		LIST_NEXT(elm, field) = *(at); \
		if (*(at)) \
			(*(at))->field.le_prev = &LIST_NEXT(elm, field); \
		(elm)->field.le_prev = (at); \
		*(at) = (elm); \
	} while (0)
#define LIST_INSERT_HEAD(head, elm, field) \
	__LIST_INSERT(&LIST_FIRST(head), elm, field)
#define LIST_INSERT_AFTER(prev, elm, field) \
	__LIST_INSERT(&LIST_NEXT(prev, field), elm, field)
#define LIST_INSERT_BEFORE(next, elm, field) \
	do { \
		LIST_NEXT(elm, field) = (next); \
		(elm)->field.le_prev = (next)->field.le_prev; \
		(next)->field.le_prev = &LIST_NEXT(elm, field); \
		*(elm)->field.le_prev = (elm); \
	} while (0)
#define LIST_REMOVE(elm, field) \
	do { \
		if (LIST_NEXT(elm, field)) \
			LIST_NEXT(elm, field)->field.le_prev = \
				(elm)->field.le_prev; \
		*(elm)->field.le_prev = LIST_NEXT(elm, field); \
	} while (0)

/* STAILQ: one way, the head also knows the end */

#define STAILQ_HEAD(name, type) \
	struct name { \
		struct type *stqh_first; \
		struct type **stqh_last; \
	}
#define STAILQ_ENTRY(type) \
	struct { \
		struct type *stqe_next; \
	}
#define STAILQ_HEAD_INITIALIZER(head)	{ NULL, &(head).stqh_first }

#define STAILQ_INIT(head) \
	do { \
		(head)->stqh_first = NULL; \
		(head)->stqh_last = &(head)->stqh_first; \
	} while (0)
#define STAILQ_EMPTY(head)		((head)->stqh_first == NULL)
#define STAILQ_FIRST(head)		((head)->stqh_first)
#define STAILQ_NEXT(elm, field)		((elm)->field.stqe_next)

#define STAILQ_FOREACH(var, head, field) \
	for ((var) = STAILQ_FIRST(head); (var); (var) = STAILQ_NEXT(var, field))
#define STAILQ_FOREACH_SAFE(var, head, field, next) \
	for ((var) = STAILQ_FIRST(head); \
	     (var) && ((next) = STAILQ_NEXT(var, field), 1); (var) = (next))

/* at is the address of a pointer in the queue, and is evaluated often */
#define __STAILQ_INSERT(head, at, elm, field) \
	do { \
		STAILQ_NEXT(elm, field) = *(at); \
		if (!*(at)) \
			(head)->stqh_last = &STAILQ_NEXT(elm, field); \
		*(at) = (elm); \
	} while (0)
#define __STAILQ_REMOVE(head, at, field) \
	do { \
		*(at) = STAILQ_NEXT(*(at), field); \
		if (!*(at)) \
			(head)->stqh_last = (at); \
	} while (0)
#define STAILQ_INSERT_HEAD(head, elm, field) \
	__STAILQ_INSERT(head, &STAILQ_FIRST(head), elm, field)
#define STAILQ_INSERT_AFTER(head, prev, elm, field) \
	__STAILQ_INSERT(head, &STAILQ_NEXT(prev, field), elm, field)
#define STAILQ_INSERT_TAIL(head, elm, field) \
	do { \
		STAILQ_NEXT(elm, field) = NULL; \
		*(head)->stqh_last = (elm); \
		(head)->stqh_last = &STAILQ_NEXT(elm, field); \
	} while (0)
#define STAILQ_REMOVE_HEAD(head, field) \
	__STAILQ_REMOVE(head, &STAILQ_FIRST(head), field)
#define STAILQ_REMOVE_AFTER(head, prev, field) \
	__STAILQ_REMOVE(head, &STAILQ_NEXT(prev, field), field)
#define STAILQ_REMOVE(head, elm, type, field) \
	do { \
		struct type **__at = &STAILQ_FIRST(head); \
		while (*__at != (elm)) \
			__at = &STAILQ_NEXT(*__at, field); \
		__STAILQ_REMOVE(head, __at, field); \
	} while (0)
#define STAILQ_CONCAT(head, other) \
	do { \
		if (!STAILQ_EMPTY(other)) { \
			*(head)->stqh_last = STAILQ_FIRST(other); \
			(head)->stqh_last = (other)->stqh_last; \
			STAILQ_INIT(other); \
		} \
	} while (0)

/* SIMPLEQ: older names of the same */

#define SIMPLEQ_HEAD			STAILQ_HEAD
#define SIMPLEQ_ENTRY			STAILQ_ENTRY
#define SIMPLEQ_HEAD_INITIALIZER	STAILQ_HEAD_INITIALIZER
#define SIMPLEQ_INIT			STAILQ_INIT
#define SIMPLEQ_EMPTY			STAILQ_EMPTY
#define SIMPLEQ_FIRST			STAILQ_FIRST
#define SIMPLEQ_NEXT			STAILQ_NEXT
#define SIMPLEQ_FOREACH			STAILQ_FOREACH
#define SIMPLEQ_FOREACH_SAFE		STAILQ_FOREACH_SAFE
#define SIMPLEQ_INSERT_HEAD		STAILQ_INSERT_HEAD
#define SIMPLEQ_INSERT_AFTER		STAILQ_INSERT_AFTER
#define SIMPLEQ_INSERT_TAIL		STAILQ_INSERT_TAIL
#define SIMPLEQ_REMOVE_HEAD		STAILQ_REMOVE_HEAD
#define SIMPLEQ_REMOVE			STAILQ_REMOVE

/* TAILQ: both ways, the head also knows the end */

#define TAILQ_HEAD(name, type) \
	struct name { \
		struct type *tqh_first; \
		struct type **tqh_last; \
	}
#define TAILQ_ENTRY(type) \
	struct { \
		struct type *tqe_next; \
		struct type **tqe_prev; \
	}
#define TAILQ_HEAD_INITIALIZER(head)	{ NULL, &(head).tqh_first }

#define TAILQ_INIT(head) \
	do { \
		(head)->tqh_first = NULL; \
		(head)->tqh_last = &(head)->tqh_first; \
	} while (0)
#define TAILQ_EMPTY(head)		((head)->tqh_first == NULL)
#define TAILQ_FIRST(head)		((head)->tqh_first)
#define TAILQ_NEXT(elm, field)		((elm)->field.tqe_next)

/*
 * A head and an entry have the same two fields. Therefore what follows the
 * pointer at which something ends is the way back, whichever of the two it is.
 */
#define __TAILQ_BACK(at) \
	(**(__typeof__(at) *)(void *)((at) + 1))
#define TAILQ_LAST(head, headname)	__TAILQ_BACK((head)->tqh_last)
#define TAILQ_PREV(elm, headname, field) \
	__TAILQ_BACK((elm)->field.tqe_prev)

#define TAILQ_FOREACH(var, head, field) \
	for ((var) = TAILQ_FIRST(head); (var); (var) = TAILQ_NEXT(var, field))
#define TAILQ_FOREACH_SAFE(var, head, field, next) \
	for ((var) = TAILQ_FIRST(head); \
	     (var) && ((next) = TAILQ_NEXT(var, field), 1); (var) = (next))
#define TAILQ_FOREACH_REVERSE(var, head, headname, field) \
	for ((var) = TAILQ_LAST(head, headname); (var); \
	     (var) = TAILQ_PREV(var, headname, field))
#define TAILQ_FOREACH_REVERSE_SAFE(var, head, headname, field, prev) \
	for ((var) = TAILQ_LAST(head, headname); \
	     (var) && ((prev) = TAILQ_PREV(var, headname, field), 1); \
	     (var) = (prev))

/* at is the address of a pointer in the queue, and is evaluated often */
#define __TAILQ_INSERT(head, at, elm, field) \
	do { \
		TAILQ_NEXT(elm, field) = *(at); \
		if (*(at)) \
			(*(at))->field.tqe_prev = &TAILQ_NEXT(elm, field); \
		else \
			(head)->tqh_last = &TAILQ_NEXT(elm, field); \
		(elm)->field.tqe_prev = (at); \
		*(at) = (elm); \
	} while (0)
#define TAILQ_INSERT_HEAD(head, elm, field) \
	__TAILQ_INSERT(head, &TAILQ_FIRST(head), elm, field)
#define TAILQ_INSERT_AFTER(head, prev, elm, field) \
	__TAILQ_INSERT(head, &TAILQ_NEXT(prev, field), elm, field)
#define TAILQ_INSERT_TAIL(head, elm, field) \
	do { \
		TAILQ_NEXT(elm, field) = NULL; \
		(elm)->field.tqe_prev = (head)->tqh_last; \
		*(head)->tqh_last = (elm); \
		(head)->tqh_last = &TAILQ_NEXT(elm, field); \
	} while (0)
#define TAILQ_INSERT_BEFORE(next, elm, field) \
	do { \
		TAILQ_NEXT(elm, field) = (next); \
		(elm)->field.tqe_prev = (next)->field.tqe_prev; \
		(next)->field.tqe_prev = &TAILQ_NEXT(elm, field); \
		*(elm)->field.tqe_prev = (elm); \
	} while (0)
#define TAILQ_REMOVE(head, elm, field) \
	do { \
		if (TAILQ_NEXT(elm, field)) \
			TAILQ_NEXT(elm, field)->field.tqe_prev = \
				(elm)->field.tqe_prev; \
		else \
			(head)->tqh_last = (elm)->field.tqe_prev; \
		*(elm)->field.tqe_prev = TAILQ_NEXT(elm, field); \
	} while (0)
#define TAILQ_CONCAT(head, other, field) \
	do { \
		if (!TAILQ_EMPTY(other)) { \
			*(head)->tqh_last = TAILQ_FIRST(other); \
			TAILQ_FIRST(other)->field.tqe_prev = (head)->tqh_last; \
			(head)->tqh_last = (other)->tqh_last; \
			TAILQ_INIT(other); \
		} \
	} while (0)

#endif

/* SPDX-License-Identifier: MIT */
/* newlib's locks: each is a recursive mutex, as newlib uses its plain ones no differently. */
#include <stdlib.h>
#include <sys/lock.h>
#include <minios/panic.h>
#include <minios/sync.h>

struct __lock {
	struct mutex mutex;
};

#define STATIC_LOCK(name) struct __lock name = { .mutex = MUTEX_INIT(name.mutex) }

STATIC_LOCK(__lock___sinit_recursive_mutex);
STATIC_LOCK(__lock___sfp_recursive_mutex);
STATIC_LOCK(__lock___atexit_recursive_mutex);
STATIC_LOCK(__lock___at_quick_exit_mutex);
STATIC_LOCK(__lock___malloc_recursive_mutex);
STATIC_LOCK(__lock___env_recursive_mutex);
STATIC_LOCK(__lock___tz_mutex);
STATIC_LOCK(__lock___dd_hash_mutex);
STATIC_LOCK(__lock___arc4random_mutex);

void __retarget_lock_init_recursive(_LOCK_T *lock)
{
	*lock = malloc(sizeof(**lock));
	BUG_ON(!*lock);
	mutex_init(&(*lock)->mutex);
}

void __retarget_lock_init(_LOCK_T *lock)
{
	__retarget_lock_init_recursive(lock);
}

void __retarget_lock_close_recursive(_LOCK_T lock)
{
	free(lock);
}

void __retarget_lock_close(_LOCK_T lock)
{
	free(lock);
}

void __retarget_lock_acquire_recursive(_LOCK_T lock)
{
	mutex_lock(&lock->mutex);
}

void __retarget_lock_acquire(_LOCK_T lock)
{
	mutex_lock(&lock->mutex);
}

int __retarget_lock_try_acquire_recursive(_LOCK_T lock)
{
	return mutex_try_lock(&lock->mutex);
}

int __retarget_lock_try_acquire(_LOCK_T lock)
{
	return mutex_try_lock(&lock->mutex);
}

void __retarget_lock_release_recursive(_LOCK_T lock)
{
	mutex_unlock(&lock->mutex);
}

void __retarget_lock_release(_LOCK_T lock)
{
	mutex_unlock(&lock->mutex);
}

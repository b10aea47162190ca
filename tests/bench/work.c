// SPDX-License-Identifier: GPL-2.0
/*
 * What the benchmark does to a file system, with as little of its own cost as possible.
 *
 *   work OP DIR COUNT [PROCESSES [BYTES]]     work run COMMAND...
 *
 * prints the seconds from the moment when all processes start until the last one is done.
 * Processes share DIR and divide COUNT among themselves.
 */
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MIB		(1 << 20)
#define RANDOM_BLOCK	4096

static const char *dir;
static size_t bytes;
static char *buf;

static int open_file(const char *name, int flags)
{
	int fd = openat(AT_FDCWD, name, flags, 0644);

	if (fd < 0)
		err(1, "open %s", name);
	return fd;
}

static void finish(int fd, const char *name)
{
	if (close(fd))
		err(1, "close %s", name);
}

static void whole(ssize_t done, size_t wanted, const char *name)
{
	if (done < 0)
		err(1, "%s", name);
	if ((size_t)done != wanted)
		errx(1, "%s: %zd bytes instead of %zu", name, done, wanted);
}

static void create(const char *name)
{
	finish(open_file(name, O_WRONLY | O_CREAT | O_EXCL), name);
}

static void stat_one(const char *name)
{
	struct stat st;

	if (lstat(name, &st))
		err(1, "stat %s", name);
}

static void unlink_one(const char *name)
{
	if (unlink(name))
		err(1, "unlink %s", name);
}

static void put(const char *name)
{
	int fd = open_file(name, O_WRONLY | O_CREAT | O_EXCL);

	whole(write(fd, buf, bytes), bytes, name);
	finish(fd, name);
}

static void get(const char *name)
{
	int fd = open_file(name, O_RDONLY);

	whole(read(fd, buf, bytes), bytes, name);
	finish(fd, name);
}

static void sync_all(void)
{
	int fd = open_file(dir, O_RDONLY | O_DIRECTORY);

	if (syncfs(fd))
		err(1, "syncfs %s", dir);
	finish(fd, dir);
}

/* One name after another: process @rank of @ranks takes every ranks-th. */
static void each_name(void (*op)(const char *name), long count, int rank, int ranks)
{
	char name[4096];
	long i;

	for (i = rank; i < count; i += ranks) {
		snprintf(name, sizeof(name), "%s/file%06ld", dir, i);
		op(name);
	}
}

/* @count MiB of the file DIR/data, in order */
static void sequential(int writes, long count)
{
	char name[4096];
	int fd;
	long i;

	snprintf(name, sizeof(name), "%s/data", dir);
	fd = open_file(name, writes ? O_WRONLY | O_CREAT | O_TRUNC : O_RDONLY);
	for (i = 0; i < count; i++)
		whole(writes ? write(fd, buf, MIB) : read(fd, buf, MIB), MIB, name);
	if (writes && fsync(fd))
		err(1, "fsync %s", name);
	finish(fd, name);
}

/* @count blocks of the existing file DIR/data, anywhere */
static void anywhere(int writes, long count)
{
	uint64_t x = 88172645463325252ULL;
	char name[4096];
	struct stat st;
	int fd;

	snprintf(name, sizeof(name), "%s/data", dir);
	fd = open_file(name, writes ? O_WRONLY : O_RDONLY);
	if (fstat(fd, &st) || st.st_size < RANDOM_BLOCK)
		errx(1, "%s has no size", name);
	while (count--) {
		off_t where;

		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		where = x % (st.st_size / RANDOM_BLOCK) * RANDOM_BLOCK;
		whole(writes ? pwrite(fd, buf, RANDOM_BLOCK, where) : pread(fd, buf, RANDOM_BLOCK, where),
		      RANDOM_BLOCK, name);
	}
	if (writes && fsync(fd))
		err(1, "fsync %s", name);
	finish(fd, name);
}

static void work(const char *op, long count, int rank, int ranks)
{
	if (!strcmp(op, "create"))
		each_name(create, count, rank, ranks);
	else if (!strcmp(op, "stat"))
		each_name(stat_one, count, rank, ranks);
	else if (!strcmp(op, "unlink"))
		each_name(unlink_one, count, rank, ranks);
	else if (!strcmp(op, "put"))
		each_name(put, count, rank, ranks), sync_all();
	else if (!strcmp(op, "get"))
		each_name(get, count, rank, ranks);
	else if (!strcmp(op, "write") || !strcmp(op, "read"))
		sequential(*op == 'w', count);
	else if (!strcmp(op, "randwrite") || !strcmp(op, "randread"))
		anywhere(op[4] == 'w', count);
	else
		errx(1, "no operation '%s'", op);
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

static void run(char **argv)
{
	if (dup2(open_file("/dev/null", O_WRONLY), 1) < 0)
		err(1, "dup2");
	execvp(argv[0], argv);
	err(1, "%s", argv[0]);
}

int main(int argc, char **argv)
{
	int command = argc > 2 && !strcmp(argv[1], "run");
	int ranks = argc > 4 && !command ? atoi(argv[4]) : 1;
	int ready[2], go[2], rank, status, failed = 0;
	double begin;
	char c = 0;

	if (argc < 3 || (!command && argc < 4) || ranks < 1)
		errx(1, "usage: work OP DIR COUNT [PROCESSES [BYTES]] | work run COMMAND...");
	dir = argv[2];
	bytes = argc > 5 && !command ? strtoul(argv[5], NULL, 0) : MIB;
	buf = mmap(NULL, MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (buf == MAP_FAILED || bytes > MIB || pipe(ready) || pipe(go))
		errx(1, "no memory or pipes, or more than 1 MiB a file");
	memset(buf, 0x5a, MIB);

	for (rank = 0; rank < ranks; rank++) {
		pid_t pid = fork();

		if (pid < 0)
			err(1, "fork");
		if (pid)
			continue;
		close(go[1]);
		if (write(ready[1], &c, 1) != 1 || read(go[0], &c, 1) != 0)
			err(1, "pipe");
		if (command)
			run(argv + 2);
		work(argv[1], atol(argv[3]), rank, ranks);
		return 0;
	}
	for (rank = 0; rank < ranks; rank++)
		if (read(ready[0], &c, 1) != 1)
			err(1, "pipe");
	begin = now();
	close(go[1]);		/* everyone sees the end of the pipe: go */
	while (wait(&status) > 0)
		failed |= status;
	if (failed)
		return 1;
	printf("%.6f\n", now() - begin);
	return 0;
}

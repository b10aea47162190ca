// SPDX-License-Identifier: GPL-2.0
/*
 * The first process of a virtual node: runs the commands that the harness
 * sends over a virtio-serial port, and reaps orphans. Knows nothing about
 * tests; the other end is agent.py.
 *
 * Frames both ways: 'S' 'h' type 0, le32 id, le32 length, payload. A reader
 * that lost its place skips bytes until the next 'S' 'h'; the harness sends
 * enough zeros after it connects to push a half-received frame out.
 *
 * To the node:   R run, P run on a terminal, I input, E end of input,
 *                K signal (le32), W window size (le16 rows, columns), Y sync
 * To the harness: O output, e error output, X exit (le32: status, or
 *                0x100 + signal), y sync
 */
#define _GNU_SOURCE
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_JOBS	64
#define MAX_PAYLOAD	16384

struct frame {
	char		magic[2];
	char		type;
	char		zero;
	uint32_t	id;
	uint32_t	len;
};

struct job {
	pid_t		pid;		/* 0: slot is free */
	uint32_t	id;
	int		in, out, err;	/* -1: closed; on a terminal in == out */
	int		in_eof;
	char		*pending;	/* input that the job has not taken yet */
	size_t		pending_len;
};

static struct job jobs[MAX_JOBS];
static int port;

static void write_all(int fd, const void *buf, size_t len)
{
	while (len) {
		ssize_t n = write(fd, buf, len);

		if (n < 0) {
			if (errno == EINTR)
				continue;
			if (errno == EAGAIN || errno == EPIPE) {
				/* nobody at the other end: wait for it */
				usleep(10000);
				continue;
			}
			return;
		}
		buf = (const char *)buf + n;
		len -= n;
	}
}

static void send_frame(char type, uint32_t id, const void *data, uint32_t len)
{
	static char buf[sizeof(struct frame) + MAX_PAYLOAD];
	struct frame f = { { 'S', 'h' }, type, 0, htole32(id), htole32(len) };

	memcpy(buf, &f, sizeof(f));
	memcpy(buf + sizeof(f), data, len);
	write_all(port, buf, sizeof(f) + len);
}

static struct job *find(uint32_t id)
{
	for (struct job *j = jobs; j < jobs + MAX_JOBS; j++)
		if (j->pid && j->id == id)
			return j;
	return NULL;
}

static void send_exit(uint32_t id, uint32_t status)
{
	status = htole32(status);
	send_frame('X', id, &status, sizeof(status));
}

static void close_input(struct job *j)
{
	if (j->in >= 0 && j->in != j->out)
		close(j->in);
	if (j->in != j->out)
		j->in = -1;
	free(j->pending);
	j->pending = NULL;
	j->pending_len = 0;
}

static void child(const char *cmd)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	if (chdir("/root"))
		_exit(127);
	execl("/bin/bash", "bash", "-c", cmd, (char *)NULL);
	_exit(127);
}

static void run(uint32_t id, const char *cmd, int tty)
{
	int in[2], out[2], err[2], master = -1;
	struct job *j;

	for (j = jobs; j < jobs + MAX_JOBS && j->pid; j++)
		;
	if (j == jobs + MAX_JOBS) {
		send_exit(id, 126);
		return;
	}
	memset(j, 0, sizeof(*j));
	j->id = id;
	if (tty) {
		j->pid = forkpty(&master, NULL, NULL, NULL);
		if (!j->pid)
			child(cmd);
		j->in = j->out = master;
		j->err = -1;
	} else {
		if (pipe2(in, O_CLOEXEC) || pipe2(out, O_CLOEXEC) || pipe2(err, O_CLOEXEC)) {
			send_exit(id, 126);
			return;
		}
		j->pid = fork();
		if (!j->pid) {
			setsid();
			dup2(in[0], 0);
			dup2(out[1], 1);
			dup2(err[1], 2);
			child(cmd);
		}
		close(in[0]);
		close(out[1]);
		close(err[1]);
		j->in = in[1];
		j->out = out[0];
		j->err = err[0];
		fcntl(j->in, F_SETFL, O_NONBLOCK);
		fcntl(j->err, F_SETFL, O_NONBLOCK);
	}
	if (j->pid < 0) {
		j->pid = 0;
		send_exit(id, 126);
		return;
	}
	fcntl(j->out, F_SETFL, O_NONBLOCK);
	fcntl(j->out, F_SETFD, FD_CLOEXEC);
}

/* Move what a job wrote; 0 when there is no more for now or ever. */
static int forward(struct job *j, int *fd, char type)
{
	char buf[MAX_PAYLOAD];
	ssize_t n;

	if (*fd < 0)
		return 0;
	n = read(*fd, buf, sizeof(buf));
	if (n > 0) {
		send_frame(type, j->id, buf, n);
		return 1;
	}
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (j->in == *fd)
		j->in = -1;
	close(*fd);
	*fd = -1;
	return 0;
}

static void feed(struct job *j)
{
	ssize_t n;

	if (j->pending_len) {
		n = write(j->in, j->pending, j->pending_len);
		if (n < 0 && errno != EAGAIN && errno != EINTR) {
			close_input(j);
			return;
		}
		if (n > 0) {
			j->pending_len -= n;
			memmove(j->pending, j->pending + n, j->pending_len);
		}
	}
	if (!j->pending_len && j->in_eof)
		close_input(j);
}

static void reap(void)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		for (struct job *j = jobs; j < jobs + MAX_JOBS; j++) {
			if (j->pid != pid)
				continue;
			while (forward(j, &j->out, 'O'))
				;
			while (forward(j, &j->err, 'e'))
				;
			close_input(j);
			if (j->out >= 0)
				close(j->out);
			if (j->err >= 0)
				close(j->err);
			j->pid = 0;
			send_exit(j->id, WIFSIGNALED(status) ? 0x100 + WTERMSIG(status) :
				  WEXITSTATUS(status));
		}
	}
}

static void handle(const struct frame *f, char *data)
{
	uint32_t id = le32toh(f->id), len = le32toh(f->len), sig;
	struct job *j = find(id);
	struct winsize ws = {};
	uint16_t size[2];

	switch (f->type) {
	case 'R':
	case 'P':
		data[len] = 0;
		run(id, data, f->type == 'P');
		break;
	case 'I':
		if (!j || j->in < 0)
			break;
		j->pending = realloc(j->pending, j->pending_len + len);
		memcpy(j->pending + j->pending_len, data, len);
		j->pending_len += len;
		feed(j);
		break;
	case 'E':
		if (j) {
			j->in_eof = 1;
			feed(j);
		}
		break;
	case 'K':
		if (j && len == sizeof(sig)) {
			memcpy(&sig, data, sizeof(sig));
			kill(-j->pid, le32toh(sig));
		}
		break;
	case 'W':
		if (j && len == sizeof(size) && j->in == j->out) {
			memcpy(size, data, sizeof(size));
			ws.ws_row = le16toh(size[0]);
			ws.ws_col = le16toh(size[1]);
			ioctl(j->in, TIOCSWINSZ, &ws);
		}
		break;
	case 'Y':
		send_frame('y', id, data, len);
		break;
	}
}

/* Take what arrived on the port; frames may come in pieces. */
static void receive(void)
{
	static char buf[2 * (sizeof(struct frame) + MAX_PAYLOAD) + 1];
	static size_t have;
	ssize_t n = read(port, buf + have, sizeof(buf) - 1 - have);
	size_t at = 0;

	if (n == 0)		/* the harness is gone for now */
		usleep(20000);
	if (n <= 0)
		return;
	have += n;
	while (have - at >= sizeof(struct frame)) {
		struct frame f;
		size_t len;

		memcpy(&f, buf + at, sizeof(f));
		len = le32toh(f.len);
		if (f.magic[0] != 'S' || f.magic[1] != 'h' || len > MAX_PAYLOAD) {
			at++;
			continue;
		}
		if (have - at < sizeof(f) + len)
			break;
		{
			static char payload[MAX_PAYLOAD + 1];

			memcpy(payload, buf + at + sizeof(f), len);
			handle(&f, payload);
		}
		at += sizeof(f) + len;
	}
	have -= at;
	memmove(buf, buf + at, have);
}

int main(int argc, char **argv)
{
	struct pollfd p[2 + 3 * MAX_JOBS];
	struct signalfd_siginfo info;
	sigset_t chld;
	int sigs;

	if (argc != 2)
		return 2;
	port = open(argv[1], O_RDWR | O_CLOEXEC);
	if (port < 0) {
		perror(argv[1]);
		return 1;
	}
	sigemptyset(&chld);
	sigaddset(&chld, SIGCHLD);
	sigprocmask(SIG_BLOCK, &chld, NULL);
	signal(SIGPIPE, SIG_IGN);
	sigs = signalfd(-1, &chld, SFD_CLOEXEC | SFD_NONBLOCK);

	for (;;) {
		int n = 2;

		p[0] = (struct pollfd){ port, POLLIN };
		p[1] = (struct pollfd){ sigs, POLLIN };
		for (struct job *j = jobs; j < jobs + MAX_JOBS; j++) {
			if (!j->pid)
				continue;
			p[n++] = (struct pollfd){ j->out, POLLIN };
			p[n++] = (struct pollfd){ j->err, POLLIN };
			p[n++] = (struct pollfd){ j->pending_len ? j->in : -1, POLLOUT };
		}
		if (poll(p, n, -1) < 0)
			continue;
		for (struct job *j = jobs; j < jobs + MAX_JOBS; j++) {
			if (!j->pid)
				continue;
			forward(j, &j->out, 'O');
			forward(j, &j->err, 'e');
			if (j->pending_len && j->in >= 0)
				feed(j);
		}
		if (p[1].revents) {
			while (read(sigs, &info, sizeof(info)) > 0)
				;
			reap();
		}
		if (p[0].revents & POLLIN)
			receive();
		else if (p[0].revents & POLLHUP)
			usleep(20000);
	}
}

// SPDX-License-Identifier: GPL-2.0
/*
 * NIDs as people write them, turned into what the kernel reads (chapter 01, 2.2;
 * chapter 08, 3.1). Only IPv4 networks have host names.
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include "lib/nids.h"

#define WORD_MAX	256

static bool is_ip_net(const char *net)
{
	return !strncmp(net, "tcp", 3) || !strncmp(net, "o2ib", 4);
}

/* The address of @host, which may be one already. 127.x is never what others can reach. */
static bool lookup(const char *host, char addr[INET_ADDRSTRLEN])
{
	struct addrinfo hints = { .ai_family = AF_INET, .ai_socktype = SOCK_STREAM };
	struct addrinfo *list;
	struct in_addr in;

	if (inet_pton(AF_INET, host, &in) != 1) {
		if (getaddrinfo(host, NULL, &hints, &list))
			return false;
		in = ((struct sockaddr_in *)list->ai_addr)->sin_addr;
		freeaddrinfo(list);
	}
	return ntohl(in.s_addr) >> 24 != 127 && inet_ntop(AF_INET, &in, addr, INET_ADDRSTRLEN);
}

/* One NID; Return: false if it makes no sense */
static bool normalise_one(const char *word, char out[WORD_MAX])
{
	char host[WORD_MAX], addr[INET_ADDRSTRLEN];
	const char *at = strchr(word, '@');
	const char *net = at ? at + 1 : "tcp";
	size_t len = at ? (size_t)(at - word) : strlen(word);
	const char *c;

	for (c = net; *c; c++)
		if (!isalnum((unsigned char)*c))
			return false;
	if (!len || !*net)
		return false;
	if (!is_ip_net(net))
		return snprintf(out, WORD_MAX, "%s", word) < WORD_MAX;
	memcpy(host, word, len);
	host[len] = '\0';
	return lookup(host, addr) && snprintf(out, WORD_MAX, "%s@%s", addr, net) < WORD_MAX;
}

char *nids_normalise(const char *text, const char **bad)
{
	static char word[WORD_MAX];
	char one[WORD_MAX], *out = NULL, *joined;

	while (*text) {
		size_t len = strcspn(text, ",:");
		char sep = text[len];

		*bad = word;
		if (len >= sizeof(word))
			len = sizeof(word) - 1;
		memcpy(word, text, len);
		word[len] = '\0';
		if (!normalise_one(word, one))
			goto fail;
		if (asprintf(&joined, "%s%s%.1s", out ? out : "", one, sep ? text + len : "") < 0)
			goto fail;
		free(out);
		out = joined;
		text += len + !!sep;
		if (sep && !*text)
			goto fail;
	}
	if (out)
		return out;
	*bad = "";
fail:
	free(out);
	return NULL;
}

programs += wiretap
files += usr/share/man/man1/wiretap.1:wiretap/wiretap.1
checks += wiretap

programs += wiretap

programs += lctl
lctl-lib := frame lnet_nl
lctl-pkg := libnl-genl-3.0

programs += lnetctl
lnetctl-lib := lnet_nl
lnetctl-pkg := libnl-genl-3.0 yaml-0.1

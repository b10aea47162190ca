tests += lfs_test
lfs_test-lib := parse layout_request layout_show

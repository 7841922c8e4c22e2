"""A larder that agents fill: a part as anybody may add one."""

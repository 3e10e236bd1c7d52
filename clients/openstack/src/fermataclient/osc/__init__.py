"""The commands of `openstack maintenance`."""

"""Fermata in the OpenStack command line: `openstack maintenance …`."""

__version__ = "0.1.0"

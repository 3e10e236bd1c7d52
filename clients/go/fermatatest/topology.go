package fermatatest

// FastTopology is a small site whose moves take a few milliseconds: the hosts compute-1 to compute-3 and the empty spare
// compute-4; of [CoreNetwork] the servers gateway-1 on compute-1 and gateway-2 on compute-2, of [IMS] the server proxy-1 on
// compute-3.
const FastTopology = `
seed = 7

[latencies]
api = { min_ms = 0, max_ms = 1 }
schedule = { min_ms = 1, max_ms = 5 }
live_migrate = { min_ms = 5, max_ms = 20 }
migrate = { min_ms = 5, max_ms = 20 }
confirm_migration = { min_ms = 1, max_ms = 5 }
abort_migration = { min_ms = 1, max_ms = 5 }
stop = { min_ms = 1, max_ms = 5 }
start = { min_ms = 1, max_ms = 5 }

[[hosts]]
name = "compute-1"
zone = "zone-a"
vcpus = 32
memory_mib = 131072
disk_gib = 2000

[[hosts]]
name = "compute-2"
zone = "zone-a"
vcpus = 32
memory_mib = 131072
disk_gib = 2000

[[hosts]]
name = "compute-3"
zone = "zone-a"
vcpus = 32
memory_mib = 131072
disk_gib = 2000

[[hosts]]
name = "compute-4"
zone = "zone-a"
vcpus = 32
memory_mib = 131072
disk_gib = 2000

[[projects]]
id = "3f6c1c52a0f44d0c9a4be1d0c6f7a101"
name = "core-network"

[[projects]]
id = "8b1d7e04c2ce4f5fb0a55b7d2f9ea202"
name = "ims"

[[flavors]]
name = "small"
vcpus = 2
memory_mib = 4096
disk_gib = 20

[[servers]]
name = "gateway-1"
project = "core-network"
host = "compute-1"
flavor = "small"

[[servers]]
name = "gateway-2"
project = "core-network"
host = "compute-2"
flavor = "small"

[[servers]]
name = "proxy-1"
project = "ims"
host = "compute-3"
flavor = "small"

[[groups]]
name = "gateways"
policy = "anti-affinity"
members = ["gateway-1", "gateway-2"]
`

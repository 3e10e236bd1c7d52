// Package fermata is the SDK of Fermata, the service between those who maintain the hosts of a cloud and those who run
// servers on them.
//
// It has three layers:
//
//   - the generated stubs of [fermata.dev/clients/go/fermatav1], over a [Connection] that [Connect] makes,
//   - [Subscribe], [WatchSession] and [WatchHosts], which follow a stream over restarts of the server and cuts of the network,
//   - [Owner], which answers for the servers of a project, and [Operator], which takes a maintenance to its end.
//
// A VNFM needs [Owner] alone. An error of a call is an [*Error]; status.Code and errors.As work on it.
//
// Package fermatatest starts a server on a simulated cloud for tests, package etsi makes alarms of SOL002 and SOL003.
package fermata

// Version is the version of this SDK. Calls carry it in their user agent.
const Version = "0.1.0"

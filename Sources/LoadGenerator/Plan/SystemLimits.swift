import Glibc
import Measurements

/// What this machine allows a load generator.
package struct SystemLimits: Sendable, Equatable {
    /// How many files, and so sockets, this process may have open.
    package var openFiles: Int
    /// How many ports a connection from here may have on this side.
    package var localPorts: Int

    /// Makes limits.
    ///
    /// - Parameters:
    ///   - openFiles: How many files this process may have open.
    ///   - localPorts: How many local ports a connection may have.
    package init(openFiles: Int, localPorts: Int) {
        self.openFiles = openFiles
        self.localPorts = localPorts
    }

    /// Raises the soft limit of open files to the hard one and reads what then holds.
    ///
    /// The corresponding C functions are `getrlimit` and `setrlimit`.
    ///
    /// - Returns: The limits of this process.
    package static func raised() -> SystemLimits {
        var limit = rlimit()
        var openFiles = 1024
        if getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
            let soft = limit.rlim_cur
            limit.rlim_cur = limit.rlim_max
            let isRaised = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0
            openFiles = Int(clamping: isRaised ? limit.rlim_max : soft)
        }
        let range = readSmallFile("/proc/sys/net/ipv4/ip_local_port_range")?
            .split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
        // The kernel's own default, for where /proc is not mounted.
        let ports = range.flatMap { $0.count == 2 ? $0[1] - $0[0] + 1 : nil } ?? 28_232
        return SystemLimits(openFiles: openFiles, localPorts: ports)
    }

    /// Files that are open besides the connections: the server's own, the store's, libraries.
    private static let otherOpenFiles = 200

    /// The most uploads in flight that these limits leave room for.
    ///
    /// - Parameter isServerInside: Whether both ends of a connection are in this process.
    /// - Returns: At least 1, at most what `-c` takes.
    package func mostInFlight(isServerInside: Bool) -> Int {
        let sockets = max(1, (openFiles - Self.otherOpenFiles) / (isServerInside ? 2 : 1))
        return min(sockets, advisedPorts, 65_535)
    }

    /// The most uploads in flight to targets.
    ///
    /// - Parameter targets: The targets.
    /// - Returns: At least 1.
    func mostInFlight(_ targets: [LoadTarget]) -> Int {
        mostInFlight(isServerInside: targets.contains(where: \.isEmbedded))
    }

    /// The local ports that may be used: some stay for others, rounded to a number that is easy to type.
    private var advisedPorts: Int { max(1, (localPorts - 200) / 100 * 100) }

    /// Checks that there is room for all connections of a load.
    ///
    /// - Parameters:
    ///   - load: The load.
    ///   - shard: Which part of it this process has.
    ///   - targets: What it goes to.
    /// - Throws: ``PlanError`` if there is not.
    func check(load: PlannedLoad, shard: ShardPlan?, targets: [LoadTarget]) throws(PlanError) {
        guard let concurrency = load.loads.last?.concurrency, let target = targets.first else { return }
        let shards = shard?.count ?? 1
        let own = shard?.part.share(of: concurrency) ?? concurrency
        let bothEnds = targets.contains(where: \.isEmbedded)
        let each = bothEnds ? 2 : 1
        let needed = own * each + Self.otherOpenFiles
        guard needed <= openFiles else {
            throw .tooManyOpenFiles(
                concurrency: concurrency,
                needed: needed,
                limit: openFiles,
                bothEnds: bothEnds,
                advised: max(1, (openFiles - Self.otherOpenFiles) / each) * shards
            )
        }
        guard own <= localPorts else {
            throw .tooFewPorts(
                concurrency: concurrency,
                needed: own,
                address: target.address.hostAndPort,
                available: localPorts,
                advised: advisedPorts * shards
            )
        }
    }
}

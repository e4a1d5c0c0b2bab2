import Glibc

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
}

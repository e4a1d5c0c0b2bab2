import Glibc

/// What this machine is and how busy it was.
enum Machine {
    /// The processors that are online.
    ///
    /// The corresponding C function is `sysconf`.
    static let cores = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))

    /// The kernel's ticks in a second.
    static let ticksPerSecond = max(1, sysconf(Int32(_SC_CLK_TCK)))

    /// The load average of the last minute by the number of processors.
    ///
    /// The corresponding C function is `getloadavg`.
    ///
    /// - Returns: The load; 0 where it is not known.
    static func loadPerCore() -> Double {
        var load = 0.0
        return getloadavg(&load, 1) == 1 ? load / Double(cores) : 0
    }
}

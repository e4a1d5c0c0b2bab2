import Curl
import Glibc
import Measurements

/// The machine's counters at one moment.
struct MachineSnapshot: Sendable, Equatable {
    /// When, on the monotonic clock.
    var time: Nanoseconds
    /// Ticks of all processors: everything, and what the hypervisor took away.
    var ticks: Int
    var stolenTicks: Int
    /// Ticks in which a processor had nothing to do.
    var idleTicks: Int
    /// Ticks that processes used, this one included.
    var processTicks: Int
    /// Processor time of this process in nanoseconds.
    var ownTime: Nanoseconds
    /// Pages swapped in since the start.
    var pagesSwapped: Int

    /// Reads the counters.
    ///
    /// The corresponding files are `/proc/stat` and `/proc/vmstat`; where they cannot be read they count as
    /// standing still.
    ///
    /// - Returns: The counters now.
    static func take() -> MachineSnapshot {
        var own = timespec()
        // Cannot fail: the clock exists and the pointer is valid.
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &own)
        return MachineSnapshot(
            time: MonotonicClock.now(),
            stat: readSmallFile("/proc/stat") ?? "",
            vmstat: readSmallFile("/proc/vmstat") ?? "",
            ownTime: Int64(own.tv_sec) * 1_000_000_000 + Int64(own.tv_nsec)
        )
    }

    /// Reads the counters out of the kernel's text.
    ///
    /// - Parameters:
    ///   - time: When, on the monotonic clock.
    ///   - stat: `/proc/stat`.
    ///   - vmstat: `/proc/vmstat`.
    ///   - ownTime: Processor time of this process in nanoseconds.
    init(time: Nanoseconds, stat: String, vmstat: String, ownTime: Nanoseconds) {
        self.time = time
        self.ownTime = ownTime
        // cpu user nice system idle iowait irq softirq steal; guests are counted in user and nice already.
        let fields = stat.prefix { $0 != "\n" }.split(separator: " ").dropFirst().prefix(8).map {
            Int($0) ?? 0
        }
        ticks = fields.reduce(0, +)
        stolenTicks = fields.count > 7 ? fields[7] : 0
        idleTicks = fields.dropFirst(3).prefix(2).reduce(0, +)
        processTicks = fields.prefix(3).reduce(0, +)
        let swapped = vmstat.split(separator: "\n").first { $0.hasPrefix("pswpin ") }
        pagesSwapped = swapped.flatMap { Int($0.dropFirst(7)) } ?? 0
    }

    /// What the machine did between two moments.
    ///
    /// - Parameters:
    ///   - before: The counters at the first.
    ///   - after: The counters at the second.
    ///   - ticksPerSecond: The kernel's ticks, `sysconf(_SC_CLK_TCK)`.
    ///   - cores: How many processors there are.
    ///   - isServerInside: Whether all of the test runs in this process, so that other processes are a
    ///     disturbance.
    /// - Returns: Shares of the machine, 0 where the time was too short to tell.
    static func health(
        from before: MachineSnapshot,
        to after: MachineSnapshot,
        ticksPerSecond: Int,
        cores: Int,
        isServerInside: Bool
    ) -> HostHealth {
        let ticks = after.ticks - before.ticks
        let steal = ticks > 0 ? Double(after.stolenTicks - before.stolenTicks) / Double(ticks) : 0
        let pages = max(0, after.pagesSwapped - before.pagesSwapped)
        let idle = ticks > 0 ? Double(after.idleTicks - before.idleTicks) / Double(ticks) : nil
        guard isServerInside else {
            return HostHealth(steal: steal, others: nil, pagesSwapped: pages, idle: idle)
        }
        let wall = Double(after.time - before.time) / 1e9 * Double(cores)
        let busy = Double(after.processTicks - before.processTicks) / Double(ticksPerSecond)
        let own = Double(after.ownTime - before.ownTime) / 1e9
        let others = wall > 0 ? min(1, max(0, (busy - own) / wall)) : 0
        return HostHealth(steal: steal, others: others, pagesSwapped: pages, idle: idle)
    }
}

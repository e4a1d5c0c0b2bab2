import Glibc

/// What the system says of this process.
struct ProcessFigures {
    /// Processor time used, in seconds.
    let processorSeconds: Double
    /// Memory in use, in bytes; nil if it can't be told.
    let residentBytes: Int?
    /// Open files and sockets; nil if they can't be counted.
    let openFiles: Int?
    /// When it began, in seconds since 1970; nil if that can't be told.
    let startSeconds: Double?

    /// Asks the system.
    static func now() -> ProcessFigures {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        let seconds = { (time: timeval) in Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
        return ProcessFigures(
            processorSeconds: seconds(usage.ru_utime) + seconds(usage.ru_stime),
            residentBytes: words(of: "/proc/self/statm").dropFirst().first.flatMap { Int($0) }
                .map { $0 * sysconf(Int32(_SC_PAGESIZE)) },
            openFiles: openFileCount(),
            startSeconds: start()
        )
    }

    private static func openFileCount() -> Int? {
        guard let folder = opendir("/proc/self/fd") else { return nil }
        defer { closedir(folder) }
        var count = 0
        while readdir(folder) != nil { count += 1 }
        // Neither `.` nor `..` nor the folder itself.
        return count - 3
    }

    /// The 22nd word of stat is when it began, in ticks since the boot; words in parentheses may have spaces.
    private static func start() -> Double? {
        let stat = text(of: "/proc/self/stat")
        guard let name = stat.lastIndex(of: ")") else { return nil }
        let words = stat[name...].split(separator: " ")
        guard words.count > 20, let ticks = Double(words[20]) else { return nil }
        var (wall, boot) = (timespec(), timespec())
        clock_gettime(CLOCK_REALTIME, &wall)
        clock_gettime(CLOCK_BOOTTIME, &boot)
        let seconds = { (time: timespec) in Double(time.tv_sec) + Double(time.tv_nsec) / 1e9 }
        return seconds(wall) - seconds(boot) + ticks / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    private static func words(of path: String) -> [Substring] { text(of: path).split(separator: " ") }

    private static func text(of path: String) -> String {
        guard let file = fopen(path, "re") else { return "" }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = fread(&bytes, 1, bytes.count, file)
        return String(decoding: bytes.prefix(count), as: UTF8.self)
    }
}

import BenchReport
import Foundation
import Glibc

/// What this machine is, read from the kernel once at the start of a run.
///
/// Every figure is for the record: one that can't be read becomes "unknown" or nil, never an error.
enum MachineFacts {
    /// The machine that measures.
    ///
    /// - Parameter sameHost: Whether every target is on this machine.
    /// - Returns: What the report prints under the results.
    static func read(sameHost: Bool) -> RunDocument.Environment {
        let system = kernel()
        return RunDocument.Environment(
            os: distribution(),
            kernel: system.release,
            arch: system.machine,
            cpu: field("model name", in: "/proc/cpuinfo") ?? system.machine,
            cores: sysconf(Int32(_SC_NPROCESSORS_ONLN)),
            memoryBytes: memoryBytes(),
            cpuQuota: cpuQuota(),
            governor: firstLine("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"),
            virtualization: virtualization(),
            loadBefore: firstLine("/proc/loadavg").flatMap { $0.split(separator: " ").first }.flatMap {
                Double($0)
            } ?? 0,
            sameHost: sameHost,
            affinity: affinity()
        )
    }

    private static func kernel() -> (release: String, machine: String) {
        var names = utsname()
        guard uname(&names) == 0 else { return ("unknown", "unknown") }
        return (text(names.release), text(names.machine))
    }

    private static func text<Characters>(_ characters: Characters) -> String {
        withUnsafeBytes(of: characters) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
    }

    /// Such as "Debian 12.11"; `debian_version` knows the point release that `os-release` leaves out.
    private static func distribution() -> String {
        func value(_ key: String) -> String? {
            field(key, in: "/etc/os-release", separator: "=")?.trimmingCharacters(in: ["\""])
        }
        if value("ID") == "debian", let version = firstLine("/etc/debian_version") {
            return "Debian \(version)"
        }
        return value("PRETTY_NAME") ?? "Linux"
    }

    private static func memoryBytes() -> Int64 {
        let kibibytes = field("MemTotal", in: "/proc/meminfo").flatMap { $0.split(separator: " ").first }
        return (kibibytes.flatMap { Int64($0) } ?? 0) * 1024
    }

    /// The cores that the control group allows: `cpu.max` is a quota and a period in microseconds.
    private static func cpuQuota() -> Double? {
        let words = firstLine("/sys/fs/cgroup/cpu.max")?.split(separator: " ") ?? []
        guard words.count == 2, let quota = Double(words[0]), let period = Double(words[1]), period > 0 else {
            return nil
        }
        return quota / period
    }

    private static func virtualization() -> String? {
        if FileManager.default.fileExists(atPath: "/.dockerenv") { return "container" }
        let flags = field("flags", in: "/proc/cpuinfo")?.split(separator: " ") ?? []
        guard flags.contains("hypervisor") else { return nil }
        return firstLine("/sys/class/dmi/id/sys_vendor") ?? "virtual machine"
    }

    /// The CPUs this process may use, where they aren't all there are.
    private static func affinity() -> String? {
        guard let list = field("Cpus_allowed_list", in: "/proc/self/status") else { return nil }
        let all = firstLine("/sys/devices/system/cpu/online")
        return list == all ? nil : list
    }

    private static func firstLine(_ path: String) -> String? {
        lines(path).first.map(String.init)
    }

    private static func field(_ name: String, in path: String, separator: Character = ":") -> String? {
        for line in lines(path) {
            let parts = line.split(separator: separator, maxSplits: 1)
            guard parts.count == 2, parts[0].trimmingCharacters(in: .whitespaces) == name else { continue }
            return parts[1].trimmingCharacters(in: .whitespaces)
        }
        return nil
    }

    private static func lines(_ path: String) -> [Substring] {
        // A file that this kernel or container doesn't have leaves its figure unknown.
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return [] }
        return text.split(separator: "\n")
    }
}

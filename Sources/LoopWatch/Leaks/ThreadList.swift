#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// The threads of this process at one moment.
struct ThreadList: Sendable {
    /// One thread.
    struct Entry: Sendable, Equatable {
        /// The thread's number in the kernel.
        let id: Int
        /// The thread's name, of 15 bytes at the most.
        let name: String

        /// Whether the thread is LoopWatch's own, which is never reported.
        ///
        /// The watchdog, the pool's second queue and the thread that names frames bear its name.
        var isOwn: Bool { name.hasPrefix("loopwatch") || name.hasPrefix("LoopWatch") }

        /// Whether the thread bears a name of dispatch's, whose threads come and go as they like.
        ///
        /// They are called after the end of their root queue's label, such as
        /// `com.apple.root.default-qos.overcommit`.
        var isOfDispatch: Bool {
            name.hasSuffix("-qos") || name.hasSuffix("qos.overcommit") || name == "ispatch-manager"
        }

        /// Whether the thread bears a name of NIO's singletons, which live as long as the process.
        var isOfSingletons: Bool { name.hasPrefix("NIO-SGLTN-") }
    }

    /// The threads, in the order of their numbers.
    let entries: [Entry]
    private let ids: Set<Int>

    /// Makes a list.
    ///
    /// - Parameter entries: The threads.
    init(_ entries: [Entry]) {
        self.entries = entries.sorted { $0.id < $1.id }
        ids = Set(entries.map(\.id))
    }

    /// Whether a thread was there.
    ///
    /// - Parameter id: The thread's number.
    /// - Returns: Whether it was.
    func contains(_ id: Int) -> Bool { ids.contains(id) }

    #if os(Linux)
    private static let folder = "/proc/self/task"

    /// Reads the list from the kernel.
    ///
    /// - Returns: The threads; none if the kernel doesn't tell.
    static func now() -> ThreadList {
        guard let directory = opendir(folder) else { return ThreadList([]) }
        defer { closedir(directory) }
        var entries: [Entry] = []
        while let item = readdir(directory) {
            let file = withUnsafeBytes(of: item.pointee.d_name) { name in
                String(decoding: name.prefix { $0 != 0 }, as: UTF8.self)
            }
            // A thread without a name has ended since the folder was read.
            guard let id = Int(file), let name = name(of: id) else { continue }
            entries.append(Entry(id: id, name: name))
        }
        return ThreadList(entries)
    }

    private static func name(of id: Int) -> String? {
        let descriptor = open("\(folder)/\(id)/comm", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        let name = withUnsafeTemporaryAllocation(byteCount: 64, alignment: 1) { buffer -> String? in
            let count = read(descriptor, buffer.baseAddress, buffer.count)
            guard count > 0 else { return nil }
            return String(decoding: buffer.prefix(count).prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
        }
        return name
    }
    #else
    /// No threads: this platform doesn't list them.
    ///
    /// - Returns: An empty list.
    static func now() -> ThreadList { ThreadList([]) }
    #endif
}

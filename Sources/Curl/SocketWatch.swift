import CCurl
import Glibc

/// Which sockets epoll waits for, and for what, kept from one transfer to the next.
///
/// After every answer libcurl stops watching a connection, and for the next upload watches it again: two calls
/// into the kernel for nothing, an eighth of what a small upload costs. So a connection stays in epoll until it
/// is closed, which libcurl tells through a callback. Belongs to the thread of its multi handle.
final class SocketWatch {
    private struct Entry {
        /// Whether libcurl tells when it is closed: otherwise its number may be another socket's unnoticed.
        var isOwn = false
        /// What epoll waits for; 0 if it does not know the socket.
        var watched: UInt32 = 0
        /// What libcurl waits for; 0 for nothing.
        var wanted: UInt32 = 0
    }

    private let epoll: Int32
    /// By descriptor.
    private var entries: [Entry] = []

    /// Makes an empty watch.
    ///
    /// - Parameter epoll: epoll's descriptor, which its owner closes.
    init(epoll: Int32) {
        self.epoll = epoll
    }

    /// Takes note of a socket that was made for libcurl, or handed to it.
    func opened(_ socket: Int32) {
        set(socket, Entry(isOwn: true))
    }

    /// Takes note of a socket that is about to be closed; the kernel then takes it out of epoll.
    func closed(_ socket: Int32) {
        set(socket, Entry())
    }

    private func set(_ socket: Int32, _ entry: Entry) {
        guard socket >= 0 else { return }
        while entries.count <= Int(socket) { entries.append(Entry()) }
        entries[Int(socket)] = entry
    }

    /// Waits for what libcurl wants to know of a socket.
    ///
    /// - Parameters:
    ///   - interest: What epoll is to wait for; 0 for nothing more.
    ///   - socket: The socket.
    /// - Returns: 0, or −1 if the kernel refuses.
    func want(_ interest: UInt32, of socket: Int32) -> Int32 {
        while entries.count <= Int(socket) { entries.append(Entry()) }
        var entry = entries[Int(socket)]
        defer { entries[Int(socket)] = entry }
        entry.wanted = interest
        guard interest != 0 else {
            // One that waits to be written to may not be connected yet, and libcurl closes those in silence.
            if entry.isOwn, entry.watched == EPOLLIN.rawValue { return 0 }
            entry.watched = 0
            // Fails when libcurl closed the socket before: the kernel has taken it out by then.
            _ = ccurl_epoll_control(epoll, EPOLL_CTL_DEL, socket, 0)
            return 0
        }
        guard entry.watched != interest else { return 0 }
        let operation = entry.watched == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD
        guard ccurl_epoll_control(epoll, operation, socket, interest) == 0 else { return -1 }
        entry.watched = interest
        return 0
    }

    /// Whether what has come of a socket concerns libcurl.
    ///
    /// A server may hang up on a connection that carries nothing; it leaves epoll then, and libcurl finds out
    /// before it uses it again.
    ///
    /// - Parameter socket: The socket.
    /// - Returns: Whether libcurl waits for it.
    func isWanted(_ socket: Int32) -> Bool {
        guard entries.indices.contains(Int(socket)), entries[Int(socket)].wanted == 0 else { return true }
        entries[Int(socket)].watched = 0
        // Fails only for a socket that is not in there.
        _ = ccurl_epoll_control(epoll, EPOLL_CTL_DEL, socket, 0)
        return false
    }
}

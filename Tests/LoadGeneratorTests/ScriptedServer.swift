import Curl
import Glibc
import Synchronization

/// A tiny HTTP server that plays a script: plain sockets, one thread a connection, no code of the engine.
///
/// Its log is the truth that samples are compared with.
final class ScriptedServer: Sendable {
    /// What it does with an upload.
    enum Behaviour: Sendable {
        /// Reads everything, then answers.
        case answer(status: Int, body: String, fields: [String])
        /// Sends `100 Continue` before it reads everything, then answers 200.
        case continues
        /// Answers 500 to every n-th upload, else 200.
        case failEvery(Int)
        /// Reads this many bytes of the body, then closes.
        case closeAfter(bodyBytes: Int)
        /// Reads this many bytes of the body, then resets.
        case resetAfter(bodyBytes: Int)
        /// Answers after the head, then reads the rest and keeps the connection or closes it.
        case answerEarly(status: Int, close: Bool)
        /// Reads everything and never answers.
        case silent
        /// Promises more bytes than it sends.
        case truncated
        /// Answers what is no HTTP.
        case malformed
        /// Keeps each answer until this many uploads have come, whole.
        case holdUntil(Int)
        /// Closes every connection after each answer, HEAD and GET included.
        case closeAlways
        /// Takes no connection before so many wait that no more fit into its backlog of 8.
        case acceptSlowly
    }

    /// What has come.
    struct Log: Sendable {
        var connections = 0
        var uploads = 0
        var bodies: [[UInt8]] = []
        var heads: [String] = []
        var probes = 0
        var openSockets: Set<Int32> = []
        var connectionsAtFirstUpload = 0
    }

    let port: Int
    private let behaviour: Behaviour
    private let listener: Int32
    private let log = Mutex(Log())
    private let keepsBodies: Bool
    private let gate = Gate()
    private let threads = Mutex<[OwnThread]>([])

    /// Starts a server on a free port of 127.0.0.1.
    init(_ behaviour: Behaviour, keepsBodies: Bool = false) throws {
        self.behaviour = behaviour
        self.keepsBodies = keepsBodies
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        // Small and fixed, so that a test knows what a connection holds.
        var room: Int32 = 65_536
        setsockopt(listener, SOL_SOCKET, SO_RCVBUF, &room, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        var backlog: Int32 = 512
        if case .acceptSlowly = behaviour { backlog = Int32(Self.shortBacklog) }
        let isListening = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
                bind(listener, raw, size) == 0 && listen(listener, backlog) == 0
                    && getsockname(listener, raw, &size) == 0
            }
        }
        guard isListening else { throw CurlError.system(call: "listen", number: errno) }
        self.listener = listener
        port = Int(UInt16(bigEndian: address.sin_port))
        let acceptor = try OwnThread(name: "script-accept") { self.acceptAll() }
        threads.withLock { $0.append(acceptor) }
    }

    /// The URL of an upload.
    var url: String { "http://127.0.0.1:\(port)/upload" }

    /// The backlog of a server that accepts slowly.
    private static let shortBacklog = 8

    /// What has come so far.
    var seen: Log { log.withLock { $0 } }

    /// Ends all connections and threads.
    func stop() {
        gate.open()
        shutdown(listener, Int32(SHUT_RDWR))
        log.withLock { log in for socket in log.openSockets { shutdown(socket, Int32(SHUT_RDWR)) } }
        while let thread = threads.withLock({ $0.popLast() }) { thread.join() }
        close(listener)
    }

    /// Waits until the kernel has no room for another connection: the next one's first packet is dropped.
    private func fillBacklog() {
        var information = tcp_info()
        var size = socklen_t(MemoryLayout<tcp_info>.size)
        repeat {
            sched_yield()
            // Of a listening socket it says how many connections wait.
            getsockopt(listener, Int32(IPPROTO_TCP), TCP_INFO, &information, &size)
        } while information.tcpi_unacked <= Self.shortBacklog && information.tcpi_state == 10
    }

    private func acceptAll() {
        if case .acceptSlowly = behaviour { fillBacklog() }
        while true {
            let connection = accept(listener, nil, nil)
            guard connection >= 0 else { return }
            log.withLock { log in
                log.connections += 1
                log.openSockets.insert(connection)
            }
            // A test machine out of threads shows as a connection that hangs up.
            guard let thread = try? OwnThread(name: "script", body: { self.serve(connection) }) else {
                close(connection)
                continue
            }
            threads.withLock { $0.append(thread) }
        }
    }

    private func serve(_ connection: Int32) {
        var reader = ConnectionReader(connection: connection)
        while let head = reader.head(), play(head, &reader, connection) {}
        log.withLock { log in _ = log.openSockets.remove(connection) }
        close(connection)
    }

    /// Plays the script for one request; false ends the connection.
    private func play(_ head: String, _ reader: inout ConnectionReader, _ connection: Int32) -> Bool {
        if case .closeAlways = behaviour, !head.hasPrefix("POST") {
            send(connection, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
            return false
        }
        if head == "TLS" {
            send(connection, "HTTP/1.1 400 Bad Request\r\n\r\n")
            return false
        }
        if head.hasPrefix("HEAD") { return send(connection, "HTTP/1.1 405 No\r\nContent-Length: 0\r\n\r\n") }
        if head.hasPrefix("GET") {
            log.withLock { $0.probes += 1 }
            return send(connection, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        }
        let number = log.withLock { log in
            log.uploads += 1
            log.heads.append(head)
            if log.uploads == 1 { log.connectionsAtFirstUpload = log.connections }
            return log.uploads
        }
        let length = contentLength(of: head)
        switch behaviour {
        case .answer(let status, let body, let fields):
            keep(reader.body(length))
            return respond(connection, status: status, body: body, fields: fields)
        case .continues:
            send(connection, "HTTP/1.1 100 Continue\r\n\r\n")
            keep(reader.body(length))
            return respond(connection, status: 200, body: "{}", fields: [])
        case .failEvery(let nth):
            keep(reader.body(length))
            return respond(connection, status: number % nth == 0 ? 500 : 200, body: "{}", fields: [])
        case .closeAfter(let bytes):
            _ = reader.body(min(bytes, length))
            return false
        case .resetAfter(let bytes):
            _ = reader.body(min(bytes, length))
            var linger = linger(l_onoff: 1, l_linger: 0)
            setsockopt(connection, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
            return false
        case .answerEarly(let status, let close):
            _ = respond(connection, status: status, body: "early", fields: close ? ["Connection: close"] : [])
            _ = reader.body(length)
            return !close
        case .silent:
            _ = reader.body(length)
            _ = reader.head()
            return false
        case .truncated:
            _ = reader.body(length)
            send(connection, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort")
            return false
        case .malformed:
            _ = reader.body(length)
            send(connection, "BOO\r\n\r\n")
            return false
        case .holdUntil(let wanted):
            keep(reader.body(length))
            // Waits without work: hundreds of threads that look again and again leave the client no processor.
            if log.withLock({ $0.bodies.count >= wanted }) { gate.open() } else { gate.wait() }
            return respond(connection, status: 200, body: "{}", fields: [])
        case .acceptSlowly:
            keep(reader.body(length))
            return respond(connection, status: 200, body: "{}", fields: [])
        case .closeAlways:
            keep(reader.body(length))
            _ = respond(connection, status: 200, body: "{}", fields: ["Connection: close"])
            return false
        }
    }

    private func keep(_ body: [UInt8]) {
        log.withLock { $0.bodies.append(keepsBodies ? body : []) }
    }

    private func respond(_ connection: Int32, status: Int, body: String, fields: [String]) -> Bool {
        let extra = fields.map { "\($0)\r\n" }.joined()
        return send(
            connection,
            "HTTP/1.1 \(status) Status\r\n\(extra)Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
        )
    }

    @discardableResult
    private func send(_ connection: Int32, _ text: String) -> Bool {
        let bytes = Array(text.utf8)
        return Glibc.send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
    }

    private func contentLength(of head: String) -> Int {
        for line in head.split(separator: "\r\n") where line.lowercased().hasPrefix("content-length:") {
            return Int(line.dropFirst(15).drop { $0 == " " }) ?? 0
        }
        return 0
    }
}

/// Lets threads wait until it is opened, once and for all.
private final class Gate: Sendable {
    // POSIX objects are made to be used from several threads at once.
    private nonisolated(unsafe) let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private nonisolated(unsafe) let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    // Guarded by the mutex.
    private nonisolated(unsafe) var isOpen = false

    init() {
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(changed, nil)
    }

    deinit {
        pthread_cond_destroy(changed)
        pthread_mutex_destroy(mutex)
        changed.deallocate()
        mutex.deallocate()
    }

    /// Lets everyone through, now and later.
    func open() {
        pthread_mutex_lock(mutex)
        isOpen = true
        pthread_cond_broadcast(changed)
        pthread_mutex_unlock(mutex)
    }

    /// Returns once it is open.
    func wait() {
        pthread_mutex_lock(mutex)
        while !isOpen { pthread_cond_wait(changed, mutex) }
        pthread_mutex_unlock(mutex)
    }
}

/// Reads requests off one connection.
struct ConnectionReader {
    let connection: Int32
    private var buffer: [UInt8] = []

    init(connection: Int32) {
        self.connection = connection
    }

    /// The next head with its last empty line, or nil once the client has gone.
    mutating func head() -> String? {
        let end = Array("\r\n\r\n".utf8)
        while true {
            // A TLS handshake is no HTTP and has no end that this server knows.
            if buffer.first == 0x16 { return "TLS" }
            if let place = buffer.firstRange(of: end) {
                defer { buffer.removeSubrange(..<place.upperBound) }
                return String(decoding: buffer[..<place.upperBound], as: UTF8.self)
            }
            guard more() else { return nil }
        }
    }

    /// The next bytes, fewer if the client goes away.
    mutating func body(_ length: Int) -> [UInt8] {
        while buffer.count < length, more() {}
        if buffer.count <= length {
            defer { buffer = [] }
            return buffer
        }
        defer { buffer.removeFirst(length) }
        return Array(buffer.prefix(length))
    }

    private mutating func more() -> Bool {
        withUnsafeTemporaryAllocation(byteCount: 65_536, alignment: 16) { space in
            let count = recv(connection, space.baseAddress, space.count, 0)
            guard count > 0 else { return false }
            buffer.append(contentsOf: UnsafeRawBufferPointer(rebasing: space[..<count]))
            return true
        }
    }
}

import Curl
import Glibc

/// Connects plain sockets to one address, a bounded number at a time.
struct SocketOpener {
    private let address: String
    private let port: Int
    private let count: Int
    private let shards: Int

    /// The most time for one connection.
    private static let timeoutMilliseconds: Int32 = 10_000

    /// Makes an opener.
    ///
    /// - Parameters:
    ///   - address: The numeric address.
    ///   - port: The port.
    ///   - count: How many sockets are wanted.
    ///   - shards: How many open sockets at a time, which share what is allowed.
    init(address: String, port: Int, count: Int, shards: Int) {
        self.address = address
        self.port = port
        self.count = count
        self.shards = shards
    }

    /// Opens the sockets; the caller closes them.
    ///
    /// - Parameters:
    ///   - stop: What ends it early, with fewer sockets.
    ///   - target: What errors name.
    /// - Returns: Connected sockets that do not block.
    /// - Throws: ``LoadError`` if one cannot be connected.
    func open(stop: StopSignal, target: LoadTarget) throws(LoadError) -> [Int32] {
        var open: [Int32] = []
        var ramp = ConnectionRamp(shards: shards)
        do throws(LoadError) {
            while open.count < count, !stop.isSet {
                let started = MonotonicClock.now()
                let batch = min(ramp.allowed, count - open.count)
                let first = open.count
                for _ in 0..<batch { open.append(try begin(target)) }
                for socket in open[first...] { try finish(socket, target) }
                ramp.connected(afterMicroseconds: Int((MonotonicClock.now() - started) / 1000))
            }
        } catch {
            for socket in open { close(socket) }
            throw error
        }
        return open
    }

    private func begin(_ target: LoadTarget) throws(LoadError) -> Int32 {
        var hints = addrinfo()
        hints.ai_flags = AI_NUMERICHOST
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(address, String(port), &hints, &found) == 0, let found else {
            throw .hostNotFound(target: target.name, host: target.address.host)
        }
        defer { freeaddrinfo(found) }
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let made = socket(found.pointee.ai_family, kind, 0)
        guard made >= 0 else { throw failure(errno, target) }
        guard connect(made, found.pointee.ai_addr, found.pointee.ai_addrlen) == 0 || errno == EINPROGRESS
        else {
            let number = errno
            close(made)
            throw failure(number, target)
        }
        return made
    }

    private func finish(_ socket: Int32, _ target: LoadTarget) throws(LoadError) {
        var wait = pollfd(fd: socket, events: Int16(POLLOUT), revents: 0)
        guard poll(&wait, 1, SocketOpener.timeoutMilliseconds) > 0 else { throw failure(ETIMEDOUT, target) }
        var number: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(socket, SOL_SOCKET, SO_ERROR, &number, &size)
        guard number == 0 else { throw failure(number, target) }
    }

    private func failure(_ number: Int32, _ target: LoadTarget) -> LoadError {
        let place = target.address.hostAndPort
        return switch number {
        case ECONNREFUSED: .refused(target: target.name, address: place)
        case EMFILE, ENFILE: .tooManyOpenFiles
        case EADDRNOTAVAIL: .noLocalPort(target: target.name, address: place)
        case ETIMEDOUT: .noConnection(target: target.name, address: place, seconds: 10)
        default: .unreachable(target: target.name, address: place, reason: describeSystemError(number))
        }
    }
}

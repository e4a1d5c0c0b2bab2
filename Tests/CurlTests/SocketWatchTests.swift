import Glibc
import Testing

@testable import Curl

/// What epoll waits for between transfers and across sockets of one number.
struct SocketWatchTests {
    private static let read: UInt32 = 1
    private static let write: UInt32 = 4

    /// Two connected sockets.
    private static func pair() -> (Int32, Int32) {
        var ends: [Int32] = [-1, -1]
        socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends)
        return (ends[0], ends[1])
    }

    /// The sockets that epoll has something of, without waiting.
    private static func ready(_ epoll: borrowing Epoll) throws -> [Int32] {
        var found: [Int32] = []
        try epoll.wait(nanoseconds: 0) { descriptor, _ in
            found.append(descriptor)
            return true
        }
        return found
    }

    @Test func `a connection that carries nothing stays in epoll until something comes`() throws {
        let epoll = try Epoll()
        let watch = SocketWatch(epoll: epoll.descriptor)
        let (near, far) = Self.pair()
        defer { close(near) }
        watch.opened(near)
        #expect(watch.want(Self.read, of: near) == 0)
        #expect(watch.want(0, of: near) == 0)
        close(far)
        #expect(try Self.ready(epoll) == [near])
        #expect(!watch.isWanted(near))
        #expect(try Self.ready(epoll).isEmpty, "it has left epoll")
        #expect(watch.want(Self.read, of: near) == 0)
        #expect(try Self.ready(epoll) == [near] && watch.isWanted(near))
    }

    @Test func `a new socket of a closed one's number is watched anew`() throws {
        let epoll = try Epoll()
        let watch = SocketWatch(epoll: epoll.descriptor)
        let (near, far) = Self.pair()
        watch.opened(near)
        #expect(watch.want(Self.read, of: near) == 0)
        #expect(watch.want(0, of: near) == 0)
        var ends = [far]
        for isOwn in [false, true] {
            watch.closed(near)
            let (other, end) = Self.pair()
            // In one step, lest another test's file gets the number.
            dup2(other, near)
            close(other)
            ends.append(end)
            if isOwn { watch.opened(near) }
            #expect(watch.want(Self.read, of: near) == 0)
            send(end, "x", 1, 0)
            #expect(try Self.ready(epoll) == [near])
            #expect(watch.isWanted(near))
        }
        for socket in ends + [near] { close(socket) }
    }

    @Test func `what a wait leaves comes again at the next`() throws {
        let epoll = try Epoll()
        let watch = SocketWatch(epoll: epoll.descriptor)
        let pairs = (0..<3).map { _ in Self.pair() }
        defer {
            for (near, far) in pairs {
                close(near)
                close(far)
            }
        }
        for (near, _) in pairs { #expect(watch.want(Self.write, of: near) == 0) }
        var found: [Int32] = []
        try epoll.wait(nanoseconds: 0) { descriptor, _ in
            found.append(descriptor)
            return found.count < 2
        }
        #expect(found.count == 2)
        #expect(try Set(Self.ready(epoll)) == Set(pairs.map(\.0)))
    }

    /// libcurl closes a socket that never connected without a word.
    @Test func `a socket that waits to be written to leaves epoll at once`() throws {
        let epoll = try Epoll()
        let watch = SocketWatch(epoll: epoll.descriptor)
        let (near, far) = Self.pair()
        defer {
            close(near)
            close(far)
        }
        watch.opened(near)
        #expect(watch.want(Self.write, of: near) == 0)
        #expect(try Self.ready(epoll) == [near])
        #expect(watch.want(0, of: near) == 0)
        #expect(try Self.ready(epoll).isEmpty)
    }

    @Test func `a socket whose end is not told leaves epoll at once`() throws {
        let epoll = try Epoll()
        let watch = SocketWatch(epoll: epoll.descriptor)
        let (near, far) = Self.pair()
        defer {
            close(near)
            close(far)
        }
        #expect(watch.want(Self.read, of: near) == 0)
        #expect(watch.want(0, of: near) == 0)
        send(far, "x", 1, 0)
        #expect(try Self.ready(epoll).isEmpty)
    }
}

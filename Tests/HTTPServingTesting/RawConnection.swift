import NIOCore
import NIOPosix

/// A TCP connection to a server under test that sends exactly the bytes it is told to.
///
/// For what a proper HTTP client would never do, and to see what a proper one would hide.
package struct RawConnection {
    private var inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    private let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    private let channel: any Channel
    private var unread = ByteBuffer()

    /// Connects, and closes again when the closure is done.
    ///
    /// - Parameters:
    ///   - port: A port of 127.0.0.1.
    ///   - body: Uses the connection.
    /// - Returns: What the closure returns.
    /// - Throws: What connecting or the closure throws.
    package static func with<Value: Sendable>(
        port: Int,
        _ body: @Sendable (inout RawConnection) async throws -> Value
    ) async throws -> Value {
        let connected = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                        wrappingChannelSynchronously: channel,
                        configuration: .init(isOutboundHalfClosureEnabled: true)
                    )
                }
            }
        return try await connected.executeThenClose { inbound, outbound in
            var connection = RawConnection(
                inbound: inbound.makeAsyncIterator(),
                outbound: outbound,
                channel: connected.channel
            )
            return try await body(&connection)
        }
    }

    /// Sends a request and reads its answer.
    ///
    /// - Parameter text: Every byte of the request.
    /// - Returns: The answer; nil if the server closed instead.
    /// - Throws: What the connection says.
    package mutating func exchange(_ text: String) async throws -> RawResponse? {
        try await send(text)
        return try await response(toHEAD: text.hasPrefix("HEAD "))
    }

    /// Sends bytes as they are.
    ///
    /// - Parameter text: The bytes, as text.
    /// - Throws: What the connection says.
    package func send(_ text: String) async throws {
        try await outbound.write(ByteBuffer(string: text))
    }

    /// Sends bytes as they are.
    ///
    /// - Parameter bytes: The bytes.
    /// - Throws: What the connection says.
    package func send(_ bytes: [UInt8]) async throws {
        try await outbound.write(ByteBuffer(bytes: bytes))
    }

    /// Reads one answer with its body.
    ///
    /// - Parameter isHEAD: Whether it answers a HEAD request and so has no body, whatever its length says.
    /// - Returns: The answer; nil if the server closed before it was whole.
    /// - Throws: What the connection says.
    package mutating func response(toHEAD isHEAD: Bool = false) async throws -> RawResponse? {
        while true {
            if let response = RawResponse(parsing: &unread, hasBody: !isHEAD) { return response }
            guard try await readMore() else { return nil }
        }
    }

    /// Waits until the server closes the connection, or sends something.
    ///
    /// - Returns: True if it closed with nothing more to read.
    /// - Throws: What the connection says.
    package mutating func isClosedByServer() async throws -> Bool {
        if unread.readableBytes > 0 { return false }
        return try await !readMore()
    }

    /// Closes at once, as a client that dies does.
    package func abort() async {
        // The connection may be gone already; the test wants it gone either way.
        try? await channel.close()
    }

    private mutating func readMore() async throws -> Bool {
        guard var bytes = try await inbound.next() else { return false }
        unread.writeBuffer(&bytes)
        return true
    }
}

import HTTPTypes
import HummingbirdCore
package import Logging
package import NIOCore
import NIOPosix
import Synchronization

/// A running HTTP/1.1 server on event loops of its own.
///
/// Hummingbird carries it. Every server has its own threads, so that two of them in one process don't
/// disturb each other's loops; they end with it.
package final class HTTPServer: Sendable {
    /// Answers one request; an error it throws closes the connection.
    package typealias Responder = @Sendable (inout HTTPExchange) async throws -> Void

    /// Where a server listens and how it runs.
    package struct Configuration: Sendable {
        /// The address or name to listen on.
        package var host: String
        /// The port to listen on; 0 takes a free one.
        package var port: Int
        /// How many event loops, each a thread, share the connections.
        package var loops: Int
        /// Where handlers run.
        package var executor: HandlerExecutor
        /// What clients are allowed.
        package var limits: ServerLimits
        /// Where Hummingbird reports.
        package var logger: Logger
        /// Words the answer to a head that no handler gets; by itself it has no body.
        package var refuseHead: HeadRefusal = { _ in ([:], ByteBuffer()) }

        /// Describes a server.
        ///
        /// - Parameters:
        ///   - host: The address or name to listen on.
        ///   - port: The port to listen on; 0 takes a free one.
        ///   - loops: How many event loops, each a thread, share the connections.
        ///   - executor: Where handlers run.
        ///   - limits: What clients are allowed.
        ///   - logger: Where Hummingbird reports.
        package init(
            host: String,
            port: Int,
            loops: Int,
            executor: HandlerExecutor,
            limits: ServerLimits = ServerLimits(),
            logger: Logger
        ) {
            self.host = host
            self.port = port
            self.loops = loops
            self.executor = executor
            self.limits = limits
            self.logger = logger
        }
    }

    /// The address or name it was told to listen on.
    package let host: String

    /// The port it listens on.
    package let port: Int

    /// The loops that serve its connections.
    package var eventLoops: any EventLoopGroup { loops }

    /// Where clients find it, without a slash at the end.
    package var url: String {
        host.contains(":") ? "http://[\(host)]:\(port)" : "http://\(host):\(port)"
    }

    private let loops: MultiThreadedEventLoopGroup
    private let server: Server<HTTPConnectionSetup>
    private let cutOff: CutOff
    private let running: Task<Void, Never>
    private let stopping = Mutex<Task<Bool, Never>?>(nil)

    /// Starts a server; it accepts connections when this returns, until it is stopped.
    ///
    /// - Parameters:
    ///   - configuration: Where it listens and how it runs.
    ///   - respond: Answers the requests.
    /// - Returns: The running server, which the caller must stop.
    /// - Throws: ``HTTPServingError`` if it can't listen.
    package static func start(
        _ configuration: Configuration,
        respond: @escaping Responder
    ) async throws(HTTPServingError) -> HTTPServer {
        let loops = MultiThreadedEventLoopGroup(numberOfThreads: configuration.loops)
        do {
            return try await HTTPServer(configuration, loops: loops, respond: respond)
        } catch {
            await shutDown(loops)
            throw HTTPServingError(error, configuration: configuration)
        }
    }

    /// Runs a server while a closure runs.
    ///
    /// - Parameters:
    ///   - configuration: Where it listens and how it runs.
    ///   - grace: How long requests in flight may take at the end.
    ///   - respond: Answers the requests.
    ///   - body: Uses the server.
    /// - Returns: What the closure returns.
    /// - Throws: ``HTTPServingError`` if it can't listen, or what the closure throws.
    package static func with<Value: Sendable>(
        _ configuration: Configuration,
        grace: TimeAmount,
        respond: @escaping Responder,
        _ body: (HTTPServer) async throws -> Value
    ) async throws -> Value {
        let server = try await start(configuration, respond: respond)
        do {
            let value = try await body(server)
            await server.stop(grace: grace)
            return value
        } catch {
            await server.stop(grace: grace)
            throw error
        }
    }

    private init(
        _ configuration: Configuration,
        loops: MultiThreadedEventLoopGroup,
        respond: @escaping Responder
    ) async throws {
        let executors = configuration.executor == .loop ? Self.executors(of: loops) : [:]
        let cutOff = CutOff()
        let firstLoop = loops.any()
        let bound = firstLoop.makePromise(of: (any Channel).self)
        let server = Server(
            childChannelSetup: HTTPConnectionSetup(
                limits: configuration.limits,
                executors: executors,
                refuseHead: configuration.refuseHead,
                cutOff: cutOff,
                respond: respond
            ),
            configuration: configuration.hummingbird,
            onServerRunning: { bound.succeed($0) },
            eventLoopGroup: loops,
            logger: configuration.logger
        )
        let running = Task(executorPreference: executors[ObjectIdentifier(firstLoop)]) {
            do {
                try await server.run()
            } catch {
                // Does nothing once the server is bound: a promise is kept once.
                bound.fail(error)
            }
        }
        self.loops = loops
        self.server = server
        self.cutOff = cutOff
        self.running = running
        self.host = configuration.host
        do {
            let listener = try await bound.futureResult.get()
            self.port = listener.localAddress?.port ?? configuration.port
        } catch {
            // The task ends on the loops, which end next.
            await running.value
            throw error
        }
    }

    /// Stops accepting, lets the requests in flight be answered, and ends the loops.
    ///
    /// Stopping twice waits for the first stop.
    ///
    /// - Parameter grace: How long the requests in flight may take before they are cancelled.
    /// - Returns: Whether every request was answered.
    @discardableResult
    package func stop(grace: TimeAmount) async -> Bool {
        let task = stopping.withLock { stopping in
            let task = stopping ?? Task { await self.stopNow(grace: grace) }
            stopping = task
            return task
        }
        return await task.value
    }

    private func stopNow(grace: TimeAmount) async -> Bool {
        // Not on the loops, which may be blocked: then the end of the grace would wait for what it should end.
        let end = Task { [cutOff] in
            // Fails only when all requests were answered in time.
            try await Task.sleep(for: .nanoseconds(grace.nanoseconds))
            cutOff.cancelAll()
        }
        do {
            try await server.shutdownGracefully()
        } catch {
            // The listening socket was closed already; what is in flight ends all the same.
        }
        await running.value
        end.cancel()
        // It may be cancelling right now, which needs the loops.
        _ = await end.result
        await Self.shutDown(loops)
        return !cutOff.isOver
    }

    private static func executors(
        of loops: MultiThreadedEventLoopGroup
    ) -> [ObjectIdentifier: EventLoopTaskExecutor] {
        Dictionary(
            uniqueKeysWithValues: loops.makeIterator().map {
                (ObjectIdentifier($0), EventLoopTaskExecutor(eventLoop: $0))
            }
        )
    }

    private static func shutDown(_ loops: MultiThreadedEventLoopGroup) async {
        // What a loop did last may hold a connection of another one, which must still run when that is let go.
        for loop in loops.makeIterator() {
            await withCheckedContinuation { passed in loop.execute { passed.resume() } }
        }
        do {
            try await loops.shutdownGracefully()
        } catch {
            fatalError("a group of event loops that is owned here is shut down once: \(error)")
        }
    }
}

extension HTTPServer.Configuration {
    fileprivate var hummingbird: ServerConfiguration {
        ServerConfiguration(
            address: .hostname(host, port: port),
            backlog: limits.backlog,
            availableConnectionsDelegate: .maximum(limits.connections, logger: logger)
        )
    }
}

import Curl
import Glibc
import Testing

/// Requests from a thread that waits and from async code, over real sockets.
@Suite(.timeLimit(.minutes(1)))
struct TransferTests {
    @Test(arguments: ["GET", "PUT", "POST", "DELETE"])
    func `a request arrives as it was asked for`(method: String) throws {
        let server = try EchoServer()
        defer { server.stop() }
        let client = try BlockingClient()
        var request = TransferRequest(
            method,
            url: server.url + "/a/../b%20c",
            headers: [HeaderField(name: "X-One", value: "1"), HeaderField(name: "X-Empty", value: "")]
        )
        request.pathAsIs = true
        if method == "PUT" || method == "POST" { request.body = SharedBytes(copying: Array("body".utf8)) }
        let response = try client.perform(request)
        let echo = String(decoding: response.body, as: UTF8.self)
        #expect(response.status == 201)
        #expect(response.header("x-kind") == "echo")
        #expect(echo.hasPrefix("\(method) /a/../b%20c HTTP/1.1\r\n"))
        #expect(echo.contains("\r\nX-One: 1\r\n") && echo.contains("\r\nX-Empty:\r\n"))
        #expect(echo.hasSuffix(request.body == nil ? "\r\n\r\n" : "\r\n\r\nbody"))
        for field in ["expect:", "content-type:", "accept-encoding:"] {
            #expect(!echo.lowercased().contains(field))
        }
    }

    @Test func `a body of no bytes has a length of zero`() throws {
        let server = try EchoServer()
        defer { server.stop() }
        let client = try BlockingClient()
        for body in [nil, SharedBytes(copying: [])] {
            let response = try client.perform(TransferRequest("PUT", url: server.url, body: body))
            #expect(String(decoding: response.body, as: UTF8.self).contains("\r\nContent-Length: 0\r\n"))
        }
    }

    @Test func `HEAD brings fields and no body`() throws {
        let server = try EchoServer()
        defer { server.stop() }
        let response = try BlockingClient().perform(TransferRequest("HEAD", url: server.url))
        #expect(response.status == 201 && response.body.isEmpty)
        #expect(response.header("Content-Length") != "0")
    }

    @Test func `fields of an interim head are not the answer's`() throws {
        let server = try EchoServer()
        defer { server.stop() }
        let response = try BlockingClient().perform(TransferRequest(url: server.url + "/interim"))
        #expect(response.status == 201)
        #expect(response.header("X-Early") == nil)
    }

    @Test func `connections are kept between requests`() throws {
        let server = try EchoServer()
        defer { server.stop() }
        let client = try BlockingClient()
        let opened = try (0..<5).map { _ in
            try client.perform(TransferRequest(url: server.url)).connectionsOpened
        }
        #expect(opened == [1, 0, 0, 0, 0])
        #expect(server.connections == 1)
    }

    @Test func `a response beyond the limit is refused`() throws {
        let server = try EchoServer()
        defer { server.stop() }
        var request = TransferRequest(url: server.url + "/big")
        request.responseLimit = 99_999
        let client = try BlockingClient()
        #expect(throws: CurlError.responseTooLarge(limit: 99_999)) { try client.perform(request) }
        request.responseLimit = 100_000
        #expect(try client.perform(request).body.count == 100_000)
    }

    @Test func `a refused connection says so with the kernel's number`() throws {
        let server = try EchoServer()
        server.stop()
        let error = #expect(throws: CurlError.self) {
            try BlockingClient().perform(TransferRequest(url: server.url))
        }
        guard case .transfer(let failure) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(failure.code == .couldNotConnect)
        #expect(failure.systemError == ECONNREFUSED)
        #expect(error?.hint == "is the server running?")
    }

    @Test func `a server that does not answer times out`() async throws {
        let server = try EchoServer()
        defer { server.stop() }
        let service = try TransferService(maximumInFlight: 1)
        defer { service.stop() }
        var request = TransferRequest(url: server.url + "/hang")
        request.timeout = .milliseconds(20)
        let error = await #expect(throws: CurlError.self) { try await service.perform(request) }
        guard case .transfer(let failure) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(failure.code == .timedOut)
    }

    @Test func `many requests share few connections`() async throws {
        let server = try EchoServer()
        defer { server.stop() }
        let service = try TransferService(maximumInFlight: 4)
        defer { service.stop() }
        let url = server.url
        let bodies = try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 0..<200 {
                group.addTask {
                    let body = SharedBytes(copying: Array("number \(number)".utf8))
                    let response = try await service.perform(TransferRequest("PUT", url: url, body: body))
                    return String(decoding: response.body, as: UTF8.self).hasSuffix(
                        "\r\n\r\nnumber \(number)"
                    )
                }
            }
            return try await group.reduce(into: [Bool]()) { $0.append($1) }
        }
        #expect(bodies.count == 200 && bodies.allSatisfy { $0 })
        #expect(server.requests == 200)
        #expect(server.connections <= 4)
    }

    @Test func `cancelling the task ends its transfer alone`() async throws {
        let server = try EchoServer()
        defer { server.stop() }
        let service = try TransferService(maximumInFlight: 1)
        defer { service.stop() }
        let url = server.url
        let hanging = Task { try await service.perform(TransferRequest(url: url + "/hang")) }
        while server.requests < 1 { await Task.yield() }
        let waiting = Task { try await service.perform(TransferRequest(url: url)) }
        hanging.cancel()
        let ended = await hanging.result
        #expect(throws: CurlError.cancelled) { try ended.get() }
        #expect(try await waiting.value.status == 201)
    }

    @Test func `a task cancelled before it asks gets no answer`() async throws {
        let server = try EchoServer()
        defer { server.stop() }
        let service = try TransferService(maximumInFlight: 1)
        defer { service.stop() }
        let url = server.url
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            return try await service.perform(TransferRequest(url: url + "/hang"))
        }
        task.cancel()
        let ended = await task.result
        #expect(throws: CurlError.cancelled) { try ended.get() }
    }

    @Test func `stopping ends what is under way and refuses what comes`() async throws {
        let server = try EchoServer()
        defer { server.stop() }
        let service = try TransferService(maximumInFlight: 2)
        let url = server.url
        let tasks = (0..<4).map { _ in Task { try await service.perform(TransferRequest(url: url + "/hang")) }
        }
        while server.requests < 2 { await Task.yield() }
        service.stop()
        for task in tasks {
            let ended = await task.result
            #expect(throws: CurlError.shutDown) { try ended.get() }
        }
        await #expect(throws: CurlError.shutDown) { try await service.perform(TransferRequest(url: url)) }
    }

    @Test func `thousands of handles leave no file open`() throws {
        func openFiles() -> Int { (0..<20_000).count { fcntl($0, F_GETFD) >= 0 } }
        let before = openFiles()
        let wakeUp = try WakeUp()
        for _ in 0..<1000 {
            _ = try EasyHandle()
            _ = try MultiHandle(keptConnections: 1, wakeUp: wakeUp)
        }
        // Each loop has at least an epoll descriptor; other tests have a few hundred sockets open meanwhile.
        #expect(openFiles() < before + 900)
    }
}

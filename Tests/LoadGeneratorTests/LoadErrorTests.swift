import Curl
import Measurements
import Testing

@testable import LoadGenerator

/// What the user reads when a target can't be reached, and whether that is why the run ended.
struct LoadErrorTests {
    private static let rows: [(error: LoadError, message: String, hint: String?, isUnreachable: Bool)] = [
        (
            .hostNotFound(target: "async", host: "ingest.example"),
            "async: cannot find the host ingest.example", "check the name", true
        ),
        (
            .refused(target: "async", address: "127.0.0.1:8000"),
            "async: 127.0.0.1:8000 refused the connection", "is the server running?", true
        ),
        (
            .noConnection(target: "async", address: "10.1.2.3:8000", seconds: 10),
            "async: no connection to 10.1.2.3:8000 within 10 s", nil, true
        ),
        (
            .certificateNotTrusted(
                target: "async",
                host: "ingest.example",
                reason: "self-signed certificate"
            ),
            "async: the certificate of ingest.example is not trusted (self-signed certificate)",
            "pass --cacert FILE or --insecure", true
        ),
        (.noTLS(target: "async", port: 8000), "async: no TLS on port 8000", "did you mean http://?", true),
        (
            .noHTTP2(target: "async", address: "127.0.0.1:8000"),
            "async: 127.0.0.1:8000 does not speak HTTP/2", "leave out --http 2", true
        ),
        (
            .targetLost(target: "async", upload: 412),
            "async: refused connections from upload 412 on; partial results are written", nil, false
        ),
        (
            .nothingFinished(target: "async", seconds: 120),
            "async: no upload finished within 120 s; response times are at least that",
            "give --timeout more time", false
        ),
    ]

    @Test(arguments: rows.indices)
    func `an error is a sentence, a hint and a reason to end with`(row: Int) {
        let (error, message, hint, isUnreachable) = Self.rows[row]
        #expect(error.message == message)
        #expect(error.hint == hint)
        #expect(error.isUnreachable == isUnreachable)
    }

    private static let address = "10.1.2.3:8000"

    private static let failures: [(code: CurlCode, number: Int32, error: LoadError)] = [
        (.couldNotResolveHost, 0, .hostNotFound(target: "async", host: "10.1.2.3")),
        (.couldNotConnect, 111, .refused(target: "async", address: address)),
        (
            .couldNotConnect, 113,
            .unreachable(target: "async", address: address, reason: "words (curl 7, no route to host)")
        ),
        (.couldNotConnect, 24, .tooManyOpenFiles),
        (.couldNotConnect, 99, .noLocalPort(target: "async", address: address)),
        (.timedOut, 0, .noConnection(target: "async", address: address, seconds: 10)),
        (.tlsConnect, 0, .noTLS(target: "async", port: 8000)),
        (.peerNotVerified, 0, .certificateNotTrusted(target: "async", host: "10.1.2.3", reason: "words")),
    ]

    @Test(arguments: failures.indices)
    func `a failure to connect is put into the words of a run`(row: Int) throws {
        let (code, number, error) = Self.failures[row]
        let target = try LoadTarget(name: "async", url: "http://10.1.2.3:8000/")
        let order = RoundOrder(
            target: target,
            pinned: PinnedAddress(host: "10.1.2.3", port: 8000, address: "10.1.2.3"),
            arrivals: .burst,
            limit: .uploads(1),
            window: nil,
            concurrency: 1,
            opensAll: true,
            connections: .reuse,
            transport: TransportPlan(),
            timeout: .seconds(1),
            expectedStatuses: .successful,
            bodies: [],
            block: 0,
            seed: 0
        )
        let failure = TransferFailure(code: code, systemError: number, words: "words")
        #expect(order.failure(of: .transfer(failure)) == error)
    }
}

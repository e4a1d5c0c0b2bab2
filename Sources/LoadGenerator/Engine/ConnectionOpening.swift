import Curl
import Glibc
import Measurements

/// Opening connections before go, so that a burst does not measure the listener's backlog.
///
/// A `HEAD` over a new connection on each slot leaves as many open connections, TLS included; its status
/// does not matter and it counts nowhere.
extension Round {
    /// The most time for one connection.
    private static let connectMilliseconds = 10_000

    /// Opens as many connections as the order wants before go.
    ///
    /// - Throws: ``LoadError`` if one cannot be opened.
    func openConnections() throws(LoadError) {
        // Those of an earlier round lead to another target, or to a server that has hung up since.
        for slot in slots { slot.handle.adoptSocket(nil) }
        let opening = Array(slots.prefix(order.connectionsBeforeGo(shard)))
        var isHeld = true
        do throws(CurlError) {
            isHeld = try sendHeads(on: opening)
        } catch {
            throw order.failure(of: error)
        }
        for slot in opening { slot.forgetBody() }
        if order.transport.version == .two, let slot = opening.first, !stop.isSet, !slot.handle.isHTTP2 {
            throw .noHTTP2(target: order.target.name, address: order.target.address.hostAndPort)
        }
        guard !isHeld, !order.target.address.isSecure else { return }
        // The server closes after it: libcurl gets sockets that are connected already, TLS is out of reach.
        let opener = SocketOpener(
            address: order.pinned.address,
            port: order.pinned.port,
            count: opening.count,
            shards: shard.count
        )
        let sockets = try opener.open(stop: stop, target: order.target)
        for (slot, socket) in zip(opening, sockets) { slot.handle.adoptSocket(socket) }
    }

    /// Sends a `HEAD` on each slot; false if the server closed a connection after it.
    private func sendHeads(on opening: [UploadSlot]) throws(CurlError) -> Bool {
        let headers = try HeaderList(order.target.headerFields)
        var ramp = ConnectionRamp(shards: shard.count)
        var next = 0
        var connecting = 0
        var isHeld = true
        let begin = MonotonicClock.now()
        while (next < opening.count || connecting > 0) && !stop.isSet {
            while next < opening.count, connecting < ramp.allowed {
                try startHead(on: next, headers: headers)
                next += 1
                connecting += 1
            }
            try multi.turn(until: MonotonicClock.now() + 100_000_000)
            while let completion = multi.nextCompletion() {
                let slot = opening[completion.tag]
                multi.remove(slot.handle)
                connecting -= 1
                // Once the request was sent the connection stood; whatever came then is the server's way.
                guard slot.sent != Sample.absent else {
                    throw .transfer(slot.handle.failure(completion.code))
                }
                ramp.connected(afterMicroseconds: slot.handle.connectMicroseconds)
                if completion.code != .ok || !slot.keepsConnection { isHeld = false }
            }
            report(.connecting, RoundTally(), next - connecting, MonotonicClock.now() - begin)
        }
        // A stop leaves some under way; they go with the round.
        for slot in opening[..<next] { multi.remove(slot.handle) }
        for slot in opening { try slot.handle.setConnectionUse(.reuse) }
        return isHeld
    }

    private func startHead(on index: Int, headers: HeaderList) throws(CurlError) {
        let slot = slots[index]
        let limit = Round.connectMilliseconds
        try slot.readyToConnect(headers: headers)
        try slot.handle.setConnectionUse(.openAndKeep)
        try slot.handle.setTimeouts(connectMilliseconds: limit, totalMilliseconds: limit)
        try multi.add(slot.handle, tag: index)
    }
}

extension RoundOrder {
    /// Puts a failure to connect into the words of a run.
    ///
    /// - Parameter error: The failure.
    /// - Returns: What it means for the target.
    func failure(of error: CurlError) -> LoadError {
        guard case .transfer(let failure) = error else { return .engine(error) }
        let address = target.address.hostAndPort
        var end = TransferEnd(code: failure.code, systemError: failure.systemError)
        end.attempts = 0
        switch end.outcome {
        case .resolve: return .hostNotFound(target: target.name, host: target.address.host)
        case .refused: return .refused(target: target.name, address: address)
        case .openFiles: return .tooManyOpenFiles
        case .noLocalPort: return .noLocalPort(target: target.name, address: address)
        case .timeoutConnecting: return .noConnection(target: target.name, address: address, seconds: 10)
        case .tlsVerify:
            return .certificateNotTrusted(
                target: target.name,
                host: target.address.host,
                reason: failure.certificateFault
            )
        case .tlsHandshake: return .noTLS(target: target.name, port: target.address.port)
        default: return .unreachable(target: target.name, address: address, reason: failure.message)
        }
    }
}

extension TransferFailure {
    /// What is wrong with a certificate, in libcurl's words without their beginning.
    fileprivate var certificateFault: String {
        let beginning = "SSL certificate problem: "
        return words.hasPrefix(beginning) ? String(words.dropFirst(beginning.count)) : words
    }
}

extension LoadTarget {
    /// The target's own fields in libcurl's form.
    var headerFields: [HeaderField] { headers.map { HeaderField(name: $0.name, value: $0.value) } }
}

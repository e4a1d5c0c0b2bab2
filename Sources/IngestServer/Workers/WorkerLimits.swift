import MuPDF

extension PDFExtractor {
    /// Reads what the server tells a worker before the first document.
    ///
    /// - Parameter payload: What ``workerPayload`` gives.
    /// - Throws: `WorkerMessage.Malformed`.
    init(workerPayload payload: [UInt8]) throws(WorkerMessage.Malformed) {
        var bytes = WireReader(payload)
        var limits = PDFLimits()
        limits.maximumPages = try bytes.count(atMost: .max)
        limits.maximumImages = try bytes.count(atMost: .max)
        limits.maximumPixelsPerImage = try bytes.count(atMost: .max)
        limits.maximumOutputBytes = try bytes.count(atMost: .max)
        limits.maximumMemoryBytes = try bytes.count(atMost: .max)
        let nanoseconds = try bytes.count(atMost: .max)
        limits.timeLimit = nanoseconds == .max ? nil : .nanoseconds(nanoseconds)
        let failing = try bytes.count(atMost: .max)
        limits.failingAllocation = failing == 0 ? nil : failing
        let png: UInt8 = try bytes.number()
        try bytes.end()
        self.init(limits: limits, png: png == 0 ? .exact : .fast)
    }

    /// What a worker is told before the first document.
    var workerPayload: [UInt8] {
        var bytes = WireWriter()
        let counts = [
            limits.maximumPages, limits.maximumImages, limits.maximumPixelsPerImage,
            limits.maximumOutputBytes, limits.maximumMemoryBytes,
        ]
        for count in counts { bytes.put(UInt64(count)) }
        let nanoseconds = limits.timeLimit.map { Int64(clamping: Int($0 / .nanoseconds(1))) }
        bytes.put(UInt64(nanoseconds ?? .max))
        bytes.put(UInt64(limits.failingAllocation ?? 0))
        bytes.put(UInt8(png == .exact ? 0 : 1))
        return bytes.bytes
    }
}

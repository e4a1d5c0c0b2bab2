import Foundation
import MultipartForm

/// How fast the multipart reader is on friendly and on hostile bodies, and whether it allocates memory for a chunk.
struct ParserRates {
    private static let bodyBytes = 1 << 20
    private static let boundary = "----WebKitFormBoundaryQ2fLsPzX8aWbYcDe"

    /// What the usual body has in it.
    let file: [UInt8]

    /// Prints gigabytes a second, and allocations.
    ///
    /// - Parameter goals: Gets the verdicts.
    /// - Throws: What the reader throws.
    func report(_ goals: inout Goals) throws {
        let bodies: [(name: String, boundary: String, content: [UInt8])] = [
            ("a PDF", Self.boundary, file),
            ("CR LF only", Self.boundary, Array("\r\n".utf8)),
            ("dashes only", Self.boundary, Array("-".utf8)),
            ("CR only", Self.boundary, Array("\r".utf8)),
            ("NUL only", Self.boundary, [0]),
            ("delimiters but for a byte", Self.boundary, Array("\r\n--\(Self.boundary.dropLast())".utf8)),
            ("delimiters that go on", Self.boundary, Array("\r\n--\(Self.boundary)X".utf8)),
            ("short delimiters that go on", "b", Array("\r\n--bX".utf8)),
        ]
        for (index, body) in bodies.enumerated() {
            let form = Self.form(body.boundary, body.content)
            for chunk in [64 << 10, 2 << 10] {
                let rates = try (0..<7).map { _ in try rate(form, body.boundary, chunk: chunk) }
                let what = "\(body.name), chunks of \(chunk >> 10) KiB"
                if chunk == 64 << 10 {
                    goals.judge(what, rates, "GB/s", goal: index == 0 ? 10 : 2)
                } else {
                    print("  \(what): \(rates.sorted()[3].rounded(2)) GB/s")
                }
            }
        }
        let form = Self.form(Self.boundary, file)
        guard let few = try allocations(form, chunk: 64 << 10),
            let many = try allocations(form, chunk: 1 << 10)
        else { return print("  allocations are not counted: start this by Benchmarks/pdf/run") }
        let chunks = form.count / (1 << 10) - form.count / (64 << 10)
        goals.judge("allocations a chunk", [Double(many - few) / Double(chunks)], "", goal: 0, isMost: true)
    }

    /// A form of a megabyte whose file repeats some bytes.
    private static func form(_ boundary: String, _ content: [UInt8]) -> [UInt8] {
        var form = Array(
            "--\(boundary)\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.pdf\"\r\n\r\n".utf8
        )
        while form.count < bodyBytes { form += content.prefix(bodyBytes) }
        form += Array("\r\n--\(boundary)--\r\n".utf8)
        return form
    }

    /// Gigabytes a second of a few passes.
    private func rate(_ form: [UInt8], _ boundary: String, chunk: Int) throws -> Double {
        let clock = ContinuousClock()
        let start = clock.now
        var passes = 0
        while clock.now - start < .milliseconds(20) {
            try read(form, boundary, chunk: chunk)
            passes += 1
        }
        return Double(passes * form.count) / ((clock.now - start) / .nanoseconds(1))
    }

    private func read(_ form: [UInt8], _ boundary: String, chunk: Int) throws {
        var reader = MultipartReader(
            boundary: try MultipartBoundary(contentType: "multipart/form-data; boundary=\"\(boundary)\"")
        )
        var bytes = 0
        let result = form.withUnsafeBytes { form in
            Result { () throws(MultipartError) in
                for begin in stride(from: 0, to: form.count, by: chunk) {
                    let piece = form[begin..<min(form.count, begin + chunk)]
                    try reader.feed(UnsafeRawBufferPointer(rebasing: piece)) { event in
                        if case .data(let data) = event { bytes += data.count }
                    }
                }
            }
        }
        try result.get()
        try reader.finish()
        guard bytes > form.count - 1000 else { throw CocoaError(.fileReadCorruptFile) }
    }

    /// How often reading a form asks for memory; nil where nobody counts.
    private func allocations(_ form: [UInt8], chunk: Int) throws -> Int? {
        guard let symbol = dlsym(nil, "counted_allocations") else { return nil }
        let counted = unsafeBitCast(symbol, to: (@convention(c) () -> Int).self)
        try read(form, Self.boundary, chunk: chunk)
        let before = counted()
        try read(form, Self.boundary, chunk: chunk)
        return counted() - before
    }
}

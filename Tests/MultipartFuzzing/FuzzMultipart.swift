// scripts/fuzz-multipart builds this with libFuzzer, which calls it with bytes that it makes up.
import MultipartForm

/// Reads bytes as a form, whole and cut, and traps if what comes out differs or too much is held back.
///
/// The first byte says where the cuts are; the rest is the body, whose boundary is `sep`.
///
/// - Parameters:
///   - bytes: What the fuzzer made up.
///   - count: How many.
/// - Returns: 0, as libFuzzer wants it.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzMultipart(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard count > 0, let bytes else { return 0 }
    let body = Array(UnsafeBufferPointer(start: bytes + 1, count: count - 1))
    let whole = Reading(of: body, step: max(1, body.count))
    precondition(whole == Reading(of: body, step: 1), "one byte at a time reads otherwise")
    precondition(whole == Reading(of: body, step: 1 + Int(bytes[0])), "cut bytes read otherwise")
    return 0
}

/// All that a reader says of a body.
private struct Reading: Equatable {
    private struct Part: Equatable {
        let part: MultipartPart
        var data: [UInt8] = []
        var isWhole = false
    }

    private var parts: [Part] = []
    private var isFinished = false
    private var error: MultipartError?

    /// Reads a body in pieces.
    init(of body: [UInt8], step: Int) {
        do throws(MultipartError) {
            var reader = MultipartReader(boundary: try MultipartBoundary("sep"))
            for start in stride(from: 0, to: body.count, by: step) {
                // In memory of its own, so that the sanitizer sees a look past its end.
                let piece = Array(body[start..<min(body.count, start + step)])
                let result = piece.withUnsafeBytes { piece in
                    Result { () throws(MultipartError) in try reader.feed(piece) { take($0) } }
                }
                try result.get()
                precondition(
                    reader.heldBytes <= MultipartLimits.heldBytes,
                    "more is held back than is allowed"
                )
            }
            try reader.finish()
        } catch {
            self.error = error
        }
    }

    private mutating func take(_ event: MultipartEvent) {
        precondition(!isFinished, "an event after the last one")
        switch event {
        case .begin(let part):
            precondition(parts.last?.isWhole != false, "a part in a part")
            parts.append(Part(part: part))
        case .data(let bytes):
            precondition(parts.last?.isWhole == false && !bytes.isEmpty, "data of no part, or none")
            parts[parts.count - 1].data += bytes
        case .end:
            precondition(parts.last?.isWhole == false, "an end without a begin")
            parts[parts.count - 1].isWhole = true
        case .finished:
            precondition(parts.last?.isWhole != false, "finished in a part")
            isFinished = true
        }
    }
}

import MultipartForm
import Testing

/// Bytes that look random and are the same in every run.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        // SplitMix64 (Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators", 2014).
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}

/// A body glued from the pieces that mean something to the reader.
private func hostileBody(_ generator: inout SeededGenerator) -> [UInt8] {
    let pieces = [
        "\r", "\n", "\r\n", "-", "--", "--sep", "\r\n--sep", "--sep--", "sep", "\0", " ", "\t", "a", ":",
        "Content-Disposition: form-data; name=a\r\n\r\n",
        "\r\n--sep\r\nContent-Disposition: form-data; name=\"b\"",
    ]
    return (0..<Int.random(in: 0...40, using: &generator)).flatMap { _ in
        Array(pieces[Int.random(in: 0..<pieces.count, using: &generator)].utf8)
    }
}

private func randomPieces(_ body: [UInt8], _ generator: inout SeededGenerator) -> [ArraySlice<UInt8>] {
    var pieces: [ArraySlice<UInt8>] = []
    var rest = body[...]
    while !rest.isEmpty {
        let length = Int.random(in: 1...min(rest.count, 12), using: &generator)
        pieces.append(rest.prefix(length))
        rest = rest.dropFirst(length)
    }
    return pieces
}

@Suite struct MultipartPropertyTests {
    @Test(arguments: 0..<8 as Range<UInt64>)
    func `hostile bytes are read the same for any two cuts`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<400 {
            // Half of the bodies begin with a delimiter, to get past the preamble.
            let start = Bool.random(using: &generator) ? Array("--sep\r\n".utf8) : []
            let body = start + hostileBody(&generator)
            let whole = readForm([body[...]])
            let cut = readForm(randomPieces(body, &generator))
            if whole != cut {
                Issue.record("differs: \(String(decoding: body, as: UTF8.self).debugDescription)")
            }
        }
    }

    @Test(arguments: 0..<4 as Range<UInt64>)
    func `what a form holds comes back whatever it holds`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<200 {
            let boundary = "boundary-of-this-form"
            let contents = (0..<Int.random(in: 0...5, using: &generator)).map { _ in hostileBody(&generator) }
            var body: [UInt8] = []
            for (index, content) in contents.enumerated() {
                body += Array(
                    "--\(boundary)\r\nContent-Disposition: form-data; name=\"n\(index)\"\r\n\r\n".utf8
                )
                body += content + Array("\r\n".utf8)
            }
            body += Array("--\(boundary)--\r\n".utf8)
            let pieces = randomPieces(body, &generator)
            let parts = try? readForm(boundary: boundary, pieces).get()
            // A failure is a difference like any other.
            if parts?.map(\.data) != contents { Issue.record("differs: \(contents)") }
        }
    }

    @Test(arguments: 0..<4 as Range<UInt64>)
    func `no bytes make the reader trap, or hold back more than it may`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<200 {
            let noise = (0..<Int.random(in: 1...600, using: &generator)).map { _ in
                UInt8.random(in: 0...255, using: &generator)
            }
            let body = Array("--sep\r\n".utf8) + hostileBody(&generator) + noise
            var reader = MultipartReader(boundary: try MultipartBoundary("sep"))
            for piece in randomPieces(body, &generator) {
                // What is wrong with the body is of no interest here.
                guard (try? feed(&reader, piece) { _ in }) != nil else { break }
                #expect(reader.heldBytes <= MultipartLimits.heldBytes)
            }
        }
    }

    /// What never comes to an end: a preamble, data of all that begins a delimiter, spaces behind a boundary.
    @Test(
        arguments: [
            ("", "\r\n--se"), ("", "\r\n--sepX"),
            ("--sep\r\nContent-Disposition: form-data; name=a\r\n\r\n", "\r\n--s"),
            ("--sep\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--sep", " "),
            ("--sep--", "\r\n--sep\r\n"),
        ]
    )
    func `input without an end needs no more memory than its pieces`(start: String, piece: String) throws {
        var reader = MultipartReader(boundary: try MultipartBoundary("sep"))
        try feed(&reader, Array(start.utf8)[...]) { _ in }
        let more = Array(String(repeating: piece, count: 20_000).utf8)
        for _ in 0..<20 {
            try feed(&reader, more[...]) { _ in }
            #expect(reader.heldBytes <= MultipartLimits.padding + 80)
        }
        if start != "--sep--" {
            #expect(throws: MultipartError.malformed(.endsEarly)) { try reader.finish() }
        }
    }

    @Test(
        arguments: ["\r", "\n", "\r\n", "\0", "-", "\r\n--", "\r\n--se", "\r\n--sepX"]
            + (62...66).map { "\r\n--sep" + String(repeating: "X", count: $0) }
    )
    func `data of nothing but a delimiter's bytes comes back`(piece: String) {
        let content = String(repeating: piece, count: 700)
        let body = Array("--sep\r\nContent-Disposition: form-data; name=a\r\n\r\n\(content)\r\n--sep--".utf8)
        for chunk in [1, 2, 3, 7, 64, 4096] {
            let pieces = stride(from: 0, to: body.count, by: chunk).map {
                body[$0..<min($0 + chunk, body.count)]
            }
            #expect(readForm(pieces) == .success([ReadPart("a", content)]))
        }
    }
}

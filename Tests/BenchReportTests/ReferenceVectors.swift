import Foundation

/// What reports are held to of the reference results that the tests of Measurements bring.
struct ReferenceVectors: Decodable, Sendable {
    static let shared: ReferenceVectors = {
        let url = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "MeasurementsTests/statistics.json")
        do {
            return try JSONDecoder().decode(ReferenceVectors.self, from: Data(contentsOf: url))
        } catch {
            fatalError("statistics.json cannot be read: \(error)")
        }
    }()

    struct Table<Row: Decodable & Sendable>: Decodable, Sendable { let rows: [Row] }
    struct Judgement: Decodable, Sendable {
        let op: String
        let lo, hi: Double?
        let limit: Double
        let verdict: String
    }
    struct Packed: Decodable, Sendable {
        let values: [Int64]
        let bytes_hex, packed: String
    }
    struct TextChunk: Decodable, Sendable {
        let keyword, text, crc32_of_type_and_data, crc_IEND: String
        let length: UInt32
    }
    struct Shift: Decodable, Sendable {
        struct Paired: Decodable { let deciles: [Decile] }
        struct Decile: Decodable, Sendable { let ppm: Int, estimate, lo, hi: Double }
        let paired: Paired
    }
    /// The rounds of the shift function, in seconds.
    struct Rounds: Decodable, Sendable { let A_rounds, B_rounds: [[Double]] }
    struct Identity: Decodable, Sendable {
        struct Run: Decodable, Sendable {
            let rps, reported_p99: [Double]
            let g, implied_p99_change, reported_p99_change: Double
        }
        let n100: Run
    }

    let threshold_judgement: Table<Judgement>
    let packed_columns: Table<Packed>
    let png_text_chunk: TextChunk
    let shift_function: Shift
    let cluster_bootstrap: Rounds
    let burst_identity: Identity
}

import Foundation
import Measurements
import Testing

/// The reference results of `statistics.json`, decoded once.
struct Vectors: Decodable {
    static let shared: Vectors = {
        do {
            guard let url = Bundle.module.url(forResource: "statistics", withExtension: "json") else {
                fatalError("statistics.json is not in the test bundle")
            }
            return try JSONDecoder().decode(Vectors.self, from: Data(contentsOf: url))
        } catch {
            fatalError("statistics.json cannot be read: \(error)")
        }
    }()

    struct Table<Row: Decodable & Sendable>: Decodable { let rows: [Row] }
    struct Generator: Decodable {
        let seed: String
        let u64: [String]
        let below_100: [UInt64]
        let unit: [Double]
    }
    struct Rank: Decodable, Sendable { let n, ppm, rank_nearest: Int }
    struct Trap: Decodable { let n, ppm, exact_rank, float_ceil_rank: Int }
    struct Traps: Decodable { let examples: [Trap] }
    struct QuantileInterval: Decodable, Sendable {
        let n, ppm, tail_count: Int
        let lo_rank, hi_rank: Int?
    }
    struct QuantileTable: Decodable {
        let rows: [QuantileInterval]
        let min_n_for_finite_two_sided: [String: Int]
    }
    struct PercentileRow: Decodable, Sendable {
        let array: String
        let ppm: Int
        let nearest_rank: Double
    }
    struct Percentiles: Decodable {
        /// "1..100" is described in words, so it stands beside the arrays.
        struct Arrays: Decodable {
            let mixed12, one, two, ties: [Double]
        }
        let arrays: Arrays
        let rows: [PercentileRow]

        func values(of array: String) -> [Double]? {
            switch array {
            case "mixed12": arrays.mixed12
            case "one": arrays.one
            case "two": arrays.two
            case "ties": arrays.ties
            case "1..100": (1...100).map(Double.init)
            default: nil
            }
        }
    }
    struct Knee: Decodable {
        struct Row: Decodable { let n: Int, x: Double }
        let rows: [Row]
        let first_n_ge_95pct: Int
    }
    struct Truncated: Decodable { let truncate, flat: Int, mser: Double }
    struct Little: Decodable { let n: Int, x, r_mean, ratio: Double }
    struct Shift: Decodable {
        struct Decile: Decodable { let ppm: Int, a, b: Double }
        let deciles: [Decile]
    }
    /// The rounds of the shift function, in seconds.
    struct Rounds: Decodable { let A_rounds, B_rounds: [[Double]] }
    struct MedianInterval: Decodable, Sendable {
        let n: Int
        let lo, hi: Int?
    }
    struct Paired: Decodable {
        let name: String
        let a, b: [Double]
        let hl_estimate, p_exact, ratio: Double
        let hl_lo, hl_hi, ratio_lo, ratio_hi: Double?
    }
    struct SignedRankIndex: Decodable { let n: Int; let k: Int? }
    struct Unpaired: Decodable {
        let name: String
        let hl_log, ratio, p: Double
        let ratio_lo, ratio_hi: Double?
    }
    struct RankSumIndex: Decodable { let n1, n2, k: Int }
    struct TwoSample: Decodable {
        let x, y: [Double]
        let p_asymptotic: Double
        let p_exact: Double?
    }
    struct Fisher: Decodable { let a, n1, b, n2: Int; let p: Double }
    struct Holm: Decodable { let p, adjusted: [Double] }
    struct Ticks: Decodable { let lo, hi: Double; let m: Int; let ticks: [Double]; let step: Double }
    struct ReferenceHistogram: Decodable {
        let highest: Int64
        let values: [Int64]
        let total, counts_len: Int
        let value_at: [String: Int64]
        let min, max: Int64
        let mean, stddev: Double
    }
    struct DurationText: Decodable, Sendable { let seconds: Double; let text: String }

    let prng_splitmix64: [Generator]
    let rank_table: Table<Rank>
    let float_ceil_traps: Traps
    let percentiles: Percentiles
    let quantile_ci_95: QuantileTable
    let median_ci_rounds: Table<MedianInterval>
    let paired_rounds: [Paired]
    let signed_rank_ci_k: Table<SignedRankIndex>
    let unpaired_rounds: [Unpaired]
    let mwu_ci_k: Table<RankSumIndex>
    let two_sample: [TwoSample]
    let fisher_exact: Table<Fisher>
    let holm: [Holm]
    let knee: Knee
    let mser5: Truncated
    let littles_law: Little
    let shift_function: Shift
    let cluster_bootstrap: Rounds
    let heckbert_ticks: [Ticks]
    let duration_format: [DurationText]
    let hdr: ReferenceHistogram
}

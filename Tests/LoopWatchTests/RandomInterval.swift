import LoopWatch

/// Random numbers that a seed brings back (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}

/// Intervals of any shape, with accounts that may contradict the clock.
enum RandomInterval {
    static func make(using generator: inout SeededGenerator) -> RecordedInterval {
        let length = Int64.random(in: 1...300_000_000, using: &generator)
        let offsets = (0..<Int.random(in: 0...12, using: &generator)).map { _ in
            Int64.random(in: 0...(length + length / 10), using: &generator)
        }
        var cpu: Int64 = 0
        var wait: Int64 = 0
        var accounts: [RecordedAccounts?] = []
        let moments = [length / 50] + offsets.sorted() + [length]
        for (moment, before) in zip(moments, [0] + moments) {
            cpu += Int64.random(in: 0...max(1, moment - before), using: &generator)
            wait += Int64.random(in: -10...max(1, moment - before), using: &generator)
            let isKnown = Int.random(in: 0..<5, using: &generator) > 0
            accounts.append(
                isKnown
                    ? RecordedAccounts(
                        offset: .nanoseconds(moment),
                        cpu: .nanoseconds(cpu),
                        wait: Int.random(in: 0..<5, using: &generator) > 0 ? .nanoseconds(wait) : nil
                    ) : nil
            )
        }
        let samples = zip(offsets.sorted(), accounts.dropFirst()).map { offset, accounts in
            let name = ["a", "b", "c & <d>"].randomElement(using: &generator) ?? "a"
            return RecordedSample(
                offset: .nanoseconds(offset),
                isOfInterval: Int.random(in: 0..<8, using: &generator) > 0,
                frames: Recorded.stack(name, calling: Bool.random(using: &generator) ? Recorded.usleep : nil),
                accounts: accounts
            )
        }
        var interval = Recorded.interval(0, samples: samples)
        interval.end = interval.start + .nanoseconds(length)
        interval.before = accounts.first ?? nil
        interval.after = accounts.last ?? nil
        return interval
    }
}

import Synchronization

import LoopWatch

/// Names from a table, and a count of the questions.
final class RecordedResolver: FrameResolver {
    /// What was asked so far.
    struct Questions: Equatable {
        /// How many addresses were named.
        var names = 0
        /// The addresses whose lines were looked up, in this order.
        var places: [UInt64] = []
    }

    let givesPlaces: Bool
    private let names: [UInt64: FrameName]
    private let places: [UInt64: [FramePlace]]
    private let asked = Mutex(Questions())

    /// What was asked so far.
    var questions: Questions { asked.withLock { $0 } }

    init(names: [UInt64: FrameName], places: [UInt64: [FramePlace]], givesPlaces: Bool = true) {
        self.names = names
        self.places = places
        self.givesPlaces = givesPlaces
    }

    func names(of addresses: [UInt64]) -> [FrameName] {
        asked.withLock { $0.names += addresses.count }
        return addresses.map { names[$0] ?? FrameName() }
    }

    func places(of address: UInt64, in name: FrameName) -> [FramePlace] {
        asked.withLock { $0.places.append(address) }
        return places[address] ?? []
    }
}

/// The uploads of a round in the order of the schedule, which is that of their numbers, wherever they are kept.
///
/// A round may have millions of them: what lies on disk is read piece by piece, by each iteration anew. One that
/// can't be read ends the iteration early, so that fewer come than ``count`` says.
package struct SampleSequence: Sendable, Sequence {
    /// Reads some uploads from a position on and moves it behind them; none at the end.
    package typealias Reader = @Sendable (_ position: inout Int) -> [Sample]

    /// How many uploads there are.
    package let count: Int
    private let source: Reader

    /// Makes a sequence that is kept elsewhere.
    ///
    /// - Parameters:
    ///   - count: How many uploads there are.
    ///   - source: Reads some of them.
    package init(count: Int, source: @escaping Reader) {
        self.count = count
        self.source = source
    }

    /// Makes a sequence that is kept in memory.
    ///
    /// - Parameter samples: The uploads.
    package init(_ samples: [Sample]) {
        self.init(count: samples.count) { position in
            defer { position = samples.count }
            return position == 0 ? samples : []
        }
    }

    /// Whether there is none.
    package var isEmpty: Bool { count == 0 }

    /// The first upload; nil without any.
    package var first: Sample? { first { _ in true } }

    package func makeIterator() -> Iterator { Iterator(source: source) }

    /// Goes through the uploads.
    package struct Iterator: IteratorProtocol {
        private let source: Reader
        private var position = 0
        private var piece: [Sample] = []
        private var place = 0

        fileprivate init(source: @escaping Reader) {
            self.source = source
        }

        package mutating func next() -> Sample? {
            if place == piece.count {
                piece = source(&position)
                place = 0
                if piece.isEmpty { return nil }
            }
            defer { place += 1 }
            return piece[place]
        }
    }
}

extension SampleSequence: Equatable {
    package static func == (left: SampleSequence, right: SampleSequence) -> Bool {
        left.count == right.count && left.elementsEqual(right)
    }
}

extension SampleSequence: ExpressibleByArrayLiteral {
    package init(arrayLiteral elements: Sample...) {
        self.init(elements)
    }
}

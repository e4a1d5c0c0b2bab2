/// Numbers a shard's connections by their local ports, in the order they are first used.
struct ConnectionNumbers {
    private var numbers = [Int32](repeating: -1, count: 65_536)
    private var next: Int32
    private let step: Int32

    /// Makes the numbers of a shard, apart from those of others.
    ///
    /// - Parameter shard: The shard.
    init(_ shard: Pacer.Shard) {
        next = Int32(shard.index)
        step = Int32(shard.count)
    }

    /// The number of a connection.
    ///
    /// - Parameter port: Its port on this side.
    /// - Returns: Its number.
    mutating func number(ofPort port: Int32) -> Int32 {
        let index = Int(UInt16(truncatingIfNeeded: port))
        if numbers[index] < 0 {
            numbers[index] = next
            next += step
        }
        return numbers[index]
    }
}

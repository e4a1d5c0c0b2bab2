/// How an upload lies in a file: 96 bytes of fixed places in the machine's byte order.
///
/// What servers say of their stages differs in length, so it lies apart and is only referred to.
package enum SampleLayout {
    /// The bytes of one upload.
    package static let size = 96

    /// Where an upload's stages lie in the list of all stages.
    package struct StageRange: Sendable, Equatable {
        package var start: Int
        package var count: Int

        /// Names a range.
        ///
        /// - Parameters:
        ///   - start: The place of the first stage.
        ///   - count: How many there are, 255 at most.
        package init(start: Int, count: Int) {
            self.start = start
            self.count = count
        }
    }

    /// The times that an upload may have, in nanoseconds from go: 13 days at most.
    package static let times = Sample.absent...(1 << 50)
    /// The bytes that it may move: 256 GB.
    private static let sizes: ClosedRange<Int64> = 0...(1 << 38)
    /// Where its stages may lie.
    private static let places: ClosedRange<Int64> = 0...(1 << 40)

    private static let outcomes = Outcome.allCases
    private static let numbers = Dictionary(
        uniqueKeysWithValues: outcomes.enumerated().map { ($1, UInt8($0)) }
    )
    /// Marks a place that holds an upload: places that were never written read as zeros.
    private static let written: UInt8 = 1

    /// Writes an upload.
    ///
    /// - Parameters:
    ///   - sample: The upload; its stages are not written.
    ///   - stages: Where its stages lie.
    ///   - bytes: ``size`` bytes, or more.
    package static func encode(_ sample: Sample, stages: StageRange, to bytes: UnsafeMutableRawBufferPointer)
    {
        let times = [
            sample.intended, sample.sent, sample.bodySent, sample.firstByte, sample.done, sample.connect,
            sample.tls, sample.bytesOut, sample.bytesIn,
        ]
        for (place, time) in times.enumerated() {
            bytes.storeBytes(of: time, toByteOffset: place * 8, as: Int64.self)
        }
        bytes.storeBytes(of: sample.status, toByteOffset: 72, as: Int32.self)
        bytes.storeBytes(of: sample.file, toByteOffset: 76, as: Int32.self)
        bytes.storeBytes(of: sample.connection, toByteOffset: 80, as: Int32.self)
        bytes[84] = numbers[sample.outcome] ?? 0
        bytes[85] = sample.flags.rawValue
        bytes[86] = written
        bytes[87] = UInt8(clamping: stages.count)
        bytes.storeBytes(of: Int64(stages.start), toByteOffset: 88, as: Int64.self)
    }

    /// Reads an upload.
    ///
    /// - Parameter bytes: ``size`` bytes, or more.
    /// - Returns: The upload without its stages, and where these lie; nil for a place that holds none, or whose
    ///   bytes can't be one.
    package static func decode(_ bytes: UnsafeRawBufferPointer) -> (sample: Sample, stages: StageRange)? {
        guard bytes[86] == written, Int(bytes[84]) < outcomes.count else { return nil }
        func time(_ place: Int) -> Int64 { bytes.loadUnaligned(fromByteOffset: place * 8, as: Int64.self) }
        for place in 0..<7 where !times.contains(time(place)) { return nil }
        guard time(0) >= 0, sizes.contains(time(7)), sizes.contains(time(8)), places.contains(time(11)) else {
            return nil
        }
        var sample = Sample(
            intended: time(0),
            file: bytes.loadUnaligned(fromByteOffset: 76, as: Int32.self)
        )
        sample.sent = time(1)
        sample.bodySent = time(2)
        sample.firstByte = time(3)
        sample.done = time(4)
        sample.connect = time(5)
        sample.tls = time(6)
        sample.bytesOut = time(7)
        sample.bytesIn = time(8)
        sample.status = bytes.loadUnaligned(fromByteOffset: 72, as: Int32.self)
        sample.connection = bytes.loadUnaligned(fromByteOffset: 80, as: Int32.self)
        guard sample.file >= 0, sample.connection >= -1, (0...999).contains(sample.status) else { return nil }
        sample.outcome = outcomes[Int(bytes[84])]
        sample.flags = Sample.Flags(rawValue: bytes[85])
        return (sample, StageRange(start: Int(time(11)), count: Int(bytes[87])))
    }
}

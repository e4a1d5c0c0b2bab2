/// What throughput and time say of how many were there at a time: L = λW.
///
/// John Little, "A proof for the queuing formula L = λW", 1961.
package enum LittlesLaw {
    /// How far a closed loop may be from full, as a share.
    package static let tolerance = 0.05

    /// How full a closed loop was: throughput × mean time ÷ the number it keeps in flight.
    ///
    /// - Parameters:
    ///   - throughput: Uploads a second.
    ///   - seconds: Their mean time.
    ///   - inFlight: How many the loop keeps in flight.
    /// - Returns: 1 of a loop that was never short of an upload.
    package static func filling(throughput: Double, mean seconds: Double, inFlight: Int) -> Double {
        throughput * seconds / Double(inFlight)
    }
}

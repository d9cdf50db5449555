export type ReservationRequest = {
  tenant: string
  /** Who gets it; unique among all requests. */
  holder: string
  points: number
}

export type Reservation = {
  granted: boolean
  /** Points left after this reservation. */
  remaining: number
  /** Until all points are available again, as far as that is known; in milliseconds. */
  resetMs: number
  /** Replaces what was reserved by what was used; 0 gives everything back. To be called once if it was granted. */
  settle(usedPoints: number): Promise<void>
}

/** Something of which a tenant has a limited number of points. */
export interface QuotaCounter {
  readonly limit: number
  /** A refused reservation uses nothing up. Rejects when the counter cannot be reached. */
  reserve(request: ReservationRequest): Promise<Reservation>
}

/** What one worker process is pinned to. */
export type Device =
  | { readonly kind: 'cpu' }
  /** `uuid` is what the driver calls the GPU; unlike an ordinal it stays when GPUs are added, removed or reordered. */
  | { readonly kind: 'cuda'; readonly uuid: string }

/** As in the `DEVICE` setting, and in what workers announce: `cpu` or `cuda:<uuid>`. */
export function deviceName(device: Device): string {
  return device.kind === 'cpu' ? 'cpu' : `cuda:${device.uuid}`
}

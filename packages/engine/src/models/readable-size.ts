/** `93 MB`, `4.7 GB`: decimal units, as disks and the hub count them. */
export function readableSize(bytes: number): string {
  const large = bytes >= 1e9
  const format = new Intl.NumberFormat('en', {
    style: 'unit',
    unit: large ? 'gigabyte' : 'megabyte',
    maximumFractionDigits: large ? 1 : 0,
  })
  return format.format(bytes / (large ? 1e9 : 1e6))
}

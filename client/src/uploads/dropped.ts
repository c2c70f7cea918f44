/** The files that were dropped, those in dropped folders included, however deep they are. */

export interface Dropped {
  readonly files: readonly File[]
  /** The one folder that they were in. */
  readonly folder: string | null
}

/**
 * Reads what was dropped. It begins at once: when the event is over, the browser has forgotten it.
 */
export async function readDropped({ items, files }: DataTransfer): Promise<Dropped> {
  const entries = Array.from(items, (item) => item.webkitGetAsEntry()).filter((entry) => entry !== null)
  const folders = entries.filter((entry) => entry.isDirectory)
  // The plain way to a file is also the one that works for what no file system holds.
  if (folders.length === 0) return { files: Array.from(files), folder: null }
  const loose = Array.from(items)
    .filter((item) => item.webkitGetAsEntry()?.isFile)
    .map((item) => item.getAsFile())
    .filter((file) => file !== null)
  const found = await Promise.all(folders.filter(isFolder).map(filesOf))
  const only = folders.length === 1 && loose.length === 0 ? folders[0] : undefined
  return { files: [...loose, ...found.flat()], folder: only?.name ?? null }
}

/** What was chosen as a folder: each file says in which it was. */
export function readChosen(chosen: Iterable<File>): Dropped {
  const files = Array.from(chosen).filter((file) => !isHidden(file.webkitRelativePath))
  return { files, folder: files[0]?.webkitRelativePath.split('/')[0] || null }
}

async function filesIn(entry: FileSystemEntry): Promise<File[]> {
  // What systems put into folders for themselves.
  if (entry.name.startsWith('.')) return []
  if (isFile(entry)) {
    // One that cannot be read is left out, as if it were not there.
    return new Promise((resolve) =>
      entry.file(
        (file) => resolve([file]),
        () => resolve([]),
      ),
    )
  }
  return isFolder(entry) ? filesOf(entry) : []
}

async function filesOf(folder: FileSystemDirectoryEntry): Promise<File[]> {
  const found: File[] = []
  for (const child of await childrenOf(folder)) found.push(...(await filesIn(child)))
  return found
}

/** A browser tells a hundred of them at a time, until it tells none. */
async function childrenOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader()
  const children: FileSystemEntry[] = []
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve) =>
      reader.readEntries(resolve, () => resolve([])),
    )
    if (some.length === 0) return children
    children.push(...some)
  }
}

/** @param path begins with the chosen folder itself, which may be called as it likes */
function isHidden(path: string): boolean {
  return path
    .split('/')
    .slice(1)
    .some((part) => part.startsWith('.'))
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile
}

function isFolder(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory
}

// Lets a script find BullMQ from any folder: the packages are installed beside the copy of this file that runs.
import { registerHooks } from 'node:module'

registerHooks({
  resolve (specifier, context, next) {
    try {
      return next(specifier, context)
    } catch (error) {
      const isFile = /^[./]|^file:/.test(specifier) // its own path is the one to be told
      if (isFile || error.code !== 'ERR_MODULE_NOT_FOUND') throw error
      return next(specifier, { ...context, parentURL: import.meta.url })
    }
  }
})

// Lets a script find BullMQ from any folder: the packages are installed beside the copy of this file that runs.
import { registerHooks } from 'node:module'

registerHooks({
  resolve (specifier, context, next) {
    try {
      return next(specifier, context)
    } catch (error) {
      if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error
      return next(specifier, { ...context, parentURL: import.meta.url })
    }
  }
})

/** Shares of red, green and blue in grey (ITU-R BT.601). @module */

export const LUMA = [0.299, 0.587, 0.114] as const;

/** The pages and their addresses. All but the board are loaded when someone goes there. */
import { createBrowserRouter, RouterProvider } from 'react-router'
import { Layout } from './components/shell/layout.tsx'
import { PageError } from './components/shell/page-error.tsx'
import { PageSkeleton } from './components/shell/page-skeleton.tsx'
import { Board } from './routes/board.tsx'
import { NotFound } from './routes/not-found.tsx'

const router = createBrowserRouter([
  {
    path: '/',
    Component: Layout,
    ErrorBoundary: PageError,
    HydrateFallback: PageSkeleton,
    children: [
      {
        ErrorBoundary: PageError,
        children: [
          { index: true, Component: Board },
          { path: 'submit', lazy: () => import('./routes/submit.tsx') },
          { path: 'jobs/:id', lazy: () => import('./routes/job.tsx') },
          { path: 'batches', lazy: () => import('./routes/batches.tsx') },
          { path: 'batches/:id', lazy: () => import('./routes/batch.tsx') },
          { path: 'cluster', lazy: () => import('./routes/cluster.tsx') },
          { path: 'dashboard', lazy: () => import('./routes/dashboard.tsx') },
          { path: '*', Component: NotFound },
        ],
      },
    ],
  },
])

export function App() {
  return <RouterProvider router={router} />
}
